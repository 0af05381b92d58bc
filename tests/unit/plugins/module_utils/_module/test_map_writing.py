# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_writing
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_change import WriteFailed
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.tests.unit.support.map_changes import fill, maker, number


@pytest.fixture
def make(kernel):
    with maker(kernel) as made:
        yield made


def test_writing_and_looking_again(kernel, make):
    found = fill(kernel, 3)
    change = make({0: 5, 7: 7}, purge=True)
    change.prepare()
    map_writing.apply(change)
    assert found.entries == {number(0): number(5), number(7): number(7)}
    found.entries.update({number(0): number(6), number(9): number(9)})
    map_writing.look_again(change)
    assert (change.drifted, change.appeared, change.evicted) == ([number(0)], [number(9)], 0)
    assert change.shown(change.appeared) == [9]


def test_an_evicted_entry_has_not_drifted(kernel, make):
    found = fill(kernel, 1, type=map_types.LRU_HASH)
    change = make({5: 5, 6: 6})
    change.prepare()
    map_writing.apply(change)
    del found.entries[number(5)]
    map_writing.look_again(change)
    assert (change.drifted, change.evicted) == ([], 1)


def test_a_prefix_keeps_the_bits_behind_it(kernel, make):
    stored = number(8) + bytes([10, 9, 9, 9])
    found = kernel.add_map(5, type=map_types.LPM_TRIE, key_size=8, value_size=4, entries={stored: number(1)})
    form = ("hex", "u32")
    change = make({"08 00 00 00 0a 00 00 00": 2, "10 00 00 00 0a 01 07 07": 3}, form=form)
    change.prepare()
    assert change.states()[0] == {"entries": [{"key": "08 00 00 00 0a 09 09 09", "value": 1}]}
    map_writing.apply(change)
    assert found.entries == {stored: number(2), number(16) + bytes([10, 1, 7, 7]): number(3)}
    map_writing.look_again(change)
    assert change.drifted == []


def test_a_failure_tells_how_far_it_came(kernel, make):
    found = fill(kernel, 2, max_entries=3)
    change = make({7: 7})
    change.prepare()
    found.entries[number(99)] = number(1)
    with pytest.raises(WriteFailed) as caught:
        map_writing.apply(change)
    assert [error.name for _key, error in caught.value.writer.failed] == ["E2BIG"]
