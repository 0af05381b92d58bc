# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._view.holders import add_holders

PID = [{"pid": 7, "comm": "agent"}]


def program(number=5, pids=(), pinned=(), map_ids=()):
    return {"id": number, "pids": pids, "pinned": pinned, "map_ids": map_ids}


def a_map(number=9, pids=(), pinned=()):
    return {"id": number, "pids": pids, "pinned": pinned}


def test_a_program_is_held_by_processes_pins_and_links():
    one = program(5, PID, ["/sys/fs/bpf/a"])
    other = program(6)
    add_holders([one, other], [], [{"prog_id": 5}, {"prog_id": None}])
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
