# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_writing
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_change import SHOWN
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_plan import Unfit
from ansible_collections.ebpf.fleet.tests.unit.support.map_changes import fill, maker, number


@pytest.fixture
def make(kernel):
    with maker(kernel) as made:
        yield made


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
    map_writing.apply(change)
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


def test_a_map_that_is_as_it_shall_be(kernel, make):
    fill(kernel, 300, max_entries=300)
    change = make({key: key for key in range(300)}, purge=True)
    change.prepare()
    assert change.plan.counts == {"added": 0, "updated": 0, "deleted": 0, "unchanged": 300}
    assert change.present == {number(key): number(key) for key in range(300)}


@pytest.mark.parametrize(
    ("key", "value", "counts"),
    [
        (299, 1, {"added": 0, "updated": 1, "deleted": 0, "unchanged": 299}),
        (500, 1, {"added": 1, "updated": 0, "deleted": 1, "unchanged": 299}),
        (299, None, {"added": 0, "updated": 0, "deleted": 1, "unchanged": 299}),
    ],
)
def test_as_many_entries_but_one_is_another(kernel, make, key, value, counts):
    fill(kernel, 300, max_entries=300)
    change = make({**{one: one for one in range(299)}, key: 1}, purge=True)
    if value is None:
        change.wanted.values[number(key)] = None
    change.prepare()
    assert change.plan.counts == counts
    assert change.present == {number(one): number(one) for one in range(300)}
