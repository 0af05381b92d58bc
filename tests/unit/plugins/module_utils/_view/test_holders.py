# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._view.holders import add_holders

PID = [{"pid": 7, "comm": "agent"}]


def program(number=5, pids=(), pinned=(), map_ids=(), kind="xdp"):
    return {"id": number, "type": kind, "pids": pids, "pinned": pinned, "map_ids": map_ids}


def a_map(number=9, pids=(), pinned=(), kind="hash"):
    return {"id": number, "type": kind, "pids": pids, "pinned": pinned}


def a_link(prog_id=0, map_id=None):
    return {"prog_id": prog_id, "map_id": map_id}


UNREADABLE = a_link(None)


def test_a_program_is_held_by_processes_pins_and_links():
    one = program(5, PID, ["/sys/fs/bpf/a"])
    other = program(6)
    add_holders([one, other], [], [a_link(5), a_link(0)])
    assert one["holders"] == ["links", "pids", "pinned"]
    assert other["holders"] == []
    assert "unavailable" not in other


def test_a_map_is_held_by_processes_pins_and_programs():
    used, pinned, free = a_map(1), a_map(2, pinned=["/p"]), a_map(3)
    add_holders([program(map_ids=[1]), program(6)], [used, pinned, free], [])
    assert [one["holders"] for one in (used, pinned, free)] == [["programs"], ["pinned"], []]


@pytest.mark.parametrize("missing", ["pids", "pinned"])
def test_an_empty_list_is_a_claim_that_needs_all_sources(missing):
    one = program(**{missing: None})
    add_holders([one], [], [])
    assert one["holders"] is None
    assert one["unavailable"] == {"holders": f"{missing} not known"}


def test_links_that_could_not_be_read():
    one = program()
    add_holders([one], [], None)
    assert (one["holders"], one["unavailable"]) == (None, {"holders": "links not known"})


def test_what_is_seen_is_told_though_something_else_is_not():
    one = program(pids=None, pinned=["/p"])
    add_holders([one], [], None)
    assert one["holders"] == ["pinned"]
    assert "unavailable" not in one


def test_several_unknown_sources_are_all_named():
    one = program(pids=None, pinned=None)
    add_holders([one], [], None)
    assert one["unavailable"]["holders"] == "links, pids, pinned not known"


def test_a_program_that_could_not_be_read_may_use_any_map():
    used, pinned, free = a_map(1), a_map(2, pinned=["/p"]), a_map(3)
    add_holders([program(map_ids=[1]), program(6, map_ids=None)], [used, pinned, free], [])
    assert [one["holders"] for one in (used, pinned, free)] == [["programs"], ["pinned"], None]
    assert free["unavailable"] == {"holders": "programs not known"}


def test_a_map_is_held_by_the_links_that_name_it():
    """So do those of struct_ops, sockmap and iterators; the id of a map that is gone is 0."""
    one, other = a_map(1), a_map(2)
    add_holders([program(7)], [one, other], [a_link(7, 1), a_link(0, 0), a_link(7)])
    assert (one["holders"], other["holders"]) == (["links"], [])


def test_maps_without_links():
    one = a_map()
    add_holders([], [one], None)
    assert (one["holders"], one["unavailable"]) == (None, {"holders": "links not known"})


def test_no_link_of_an_old_kernel_holds_a_map():
    one, other = program(), a_map()
    add_holders([one], [other], None, linkable=False)
    assert (one["holders"], other["holders"]) == (None, [])


def test_a_link_that_could_not_be_read_may_hold_anything():
    linked, free, table, other = program(5), program(6), a_map(1), a_map(2)
    add_holders([linked, free], [table, other], [a_link(5, 1), UNREADABLE])
    assert (linked["holders"], table["holders"]) == (["links"], ["links"])
    for one in (free, other):
        assert (one["holders"], one["unavailable"]) == (None, {"holders": "links not known"})


@pytest.mark.parametrize("kind", ["struct_ops", None])
def test_a_struct_ops_map_does_not_say_which_programs_it_holds(kind):
    one, held, other = program(5, kind=kind), program(6, PID, kind=kind), program(7)
    add_holders([one, held, other], [a_map(kind="struct_ops")], [a_link(0, 9)])
    assert (one["holders"], one["unavailable"]) == (None, {"holders": "struct_ops maps not known"})
    assert (held["holders"], other["holders"]) == (["pids"], [])


def test_without_a_struct_ops_map_nothing_of_the_kind_holds_a_program():
    one = program(kind="struct_ops")
    add_holders([one], [a_map()], [])
    assert one["holders"] == []


def test_a_map_that_could_not_be_read_may_be_of_struct_ops():
    one = program(kind="struct_ops")
    add_holders([one], [a_map(kind=None)], [])
    assert one["unavailable"] == {"holders": "struct_ops maps not known"}
