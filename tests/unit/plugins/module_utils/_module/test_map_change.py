# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_change import SHOWN, Change, WriteFailed
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_reading import Reading
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_targets import Targets
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import open_id
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_plan import Terms, Unfit
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_wanted import Terms as EntryTerms
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_wanted import Wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._view.forms import Wanted as Form
from ansible_collections.ebpf.fleet.tests.unit.support import fake_writes


def number(value):
    return struct.pack("=I", value)


@pytest.fixture
def make(kernel):
    """Return a maker of changes of map 5 of the fake kernel."""
    fake_writes.install(kernel)
    opened = []

    def made(wanted, form=("u32", "u32"), on_error="stop", **terms):
        opened.append(open_id(5))
        reading = Reading(opened[-1], Form(*form))
        entries = Wanted(reading.entries, opened[-1].info, EntryTerms())
        entries.add([{"key": key, "value": value} for key, value in wanted.items()], str)
        params = {"pinned": None, "on_error": on_error}
        return Change(reading, entries, Terms(**terms), Targets(opened[-1].info), params)

    yield made
    for one in opened:
        one.fd.close()


def fill(kernel, count, **info):
    entries = {number(one): number(one) for one in range(count)}
    return kernel.add_map(5, entries=entries, value_size=4, **dict({"max_entries": 10000}, **info))


def test_a_few_keys_of_a_large_map_are_looked_up(kernel, make):
    fill(kernel, 5000)
    change = make({1: 9, 2: 2})
    change.prepare()
    assert (kernel.count(commands.BPF_MAP_LOOKUP_BATCH), kernel.count(commands.BPF_MAP_LOOKUP_ELEM)) == (0, 2)
    assert change.plan.counts == {"added": 0, "updated": 1, "deleted": 0, "unchanged": 1}
    make({key: key for key in range(1000)}).prepare()
    assert kernel.count(commands.BPF_MAP_LOOKUP_BATCH) > 0


def test_an_entry_that_does_not_fit_is_named(kernel, make):
    fill(kernel, 3)
    with pytest.raises(Unfit, match="key 7 is not in the map, and flags=exist changes only"):
        make({7: 1}, flags="exist").prepare()


def test_the_room_is_looked_at_where_the_order_depends_on_it(kernel, make):
    found = fill(kernel, 100, max_entries=100)
    change = make({1: 1, 200: 5})
    change.wanted.values[number(1)] = None
    change.prepare()
    assert (change.plan.order, change.plan.deletes_first) == (["delete", "add"], True)
    change.apply()
    assert (len(found.entries), found.entries[number(200)]) == (100, number(5))


def test_a_diff_is_cut(kernel, make):
    fill(kernel, 300)
    change = make({key: key + 1 for key in range(300)})
    change.prepare()
    before, after = change.states()
    assert (len(before["entries"]), before["more"]) == (len(after["entries"]), after["more"]) == (SHOWN, 200)
    assert (before["entries"][7], after["entries"][7]) == ({"key": 7, "value": 7}, {"key": 7, "value": 8})


def test_nothing_to_do_has_equal_states(kernel, make):
    fill(kernel, 3)
    change = make({0: 0, 1: 1, 2: 2}, purge=True)
    change.prepare()
    assert change.states() == ({"entries": []}, {"entries": []})


def test_writing_and_looking_again(kernel, make):
    found = fill(kernel, 3)
    change = make({0: 5, 7: 7}, purge=True)
    change.prepare()
    change.apply()
    assert found.entries == {number(0): number(5), number(7): number(7)}
    found.entries.update({number(0): number(6), number(9): number(9)})
    change.look_again()
    assert (change.drifted, change.appeared, change.evicted) == ([number(0)], [number(9)], 0)
    assert change.shown(change.appeared) == [9]


def test_an_evicted_entry_has_not_drifted(kernel, make):
    found = fill(kernel, 1, type=map_types.LRU_HASH)
    change = make({5: 5, 6: 6})
    change.prepare()
    change.apply()
    del found.entries[number(5)]
    change.look_again()
    assert (change.drifted, change.evicted) == ([], 1)


def test_a_prefix_keeps_the_bits_behind_it(kernel, make):
    stored = number(8) + bytes([10, 9, 9, 9])
    found = kernel.add_map(5, type=map_types.LPM_TRIE, key_size=8, value_size=4, entries={stored: number(1)})
    form = ("hex", "u32")
    change = make({"08 00 00 00 0a 00 00 00": 2, "10 00 00 00 0a 01 07 07": 3}, form=form)
    change.prepare()
    assert change.states()[0] == {"entries": [{"key": "08 00 00 00 0a 09 09 09", "value": 1}]}
    change.apply()
    assert found.entries == {stored: number(2), number(16) + bytes([10, 1, 7, 7]): number(3)}
    change.look_again()
    assert change.drifted == []


def test_a_failure_tells_how_far_it_came(kernel, make):
    found = fill(kernel, 2, max_entries=3)
    change = make({7: 7})
    change.prepare()
    found.entries[number(99)] = number(1)
    with pytest.raises(WriteFailed) as caught:
        change.apply()
    assert [error.name for _key, error in caught.value.writer.failed] == ["E2BIG"]
