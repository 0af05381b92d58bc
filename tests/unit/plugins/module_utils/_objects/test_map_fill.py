# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import struct
from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import ENOTSUPP, NotSupported
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, map_fill
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_fill import Budget, Fill, estimate
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types

BATCH = commands.BPF_MAP_LOOKUP_BATCH


def numbered(count):
    return {struct.pack("=I", number): bytes(8) for number in range(count)}


@pytest.fixture
def fill(kernel):
    def read(kind, count, room, budget=None, bucket=1):
        made = kernel.add_map(type=kind, entries=numbered(count), max_entries=room)
        made.bucket = bucket
        with ids.open_id(ids.MAP, made.id) as fd:
            return map_fill.fill(fd.number, SimpleNamespace(**made.info), budget or Budget(seconds=60))

    return read


@pytest.mark.parametrize("kind", [map_types.ARRAY, map_types.PERCPU_ARRAY])
def test_arrays_are_full_without_a_look(fill, kernel, kind):
    assert fill(kind, 3, 9) == Fill(9, "exact", 0)
    assert kernel.count(BATCH) == 0


@pytest.mark.parametrize("kind", [map_types.HASH, map_types.LPM_TRIE, map_types.DEVMAP_HASH, map_types.STACK_TRACE])
@pytest.mark.parametrize("count", [0, 1, 600])
def test_counts(fill, kind, count):
    assert fill(kind, count, 1000) == Fill(count, "exact", 0)


def test_slots_that_are_empty_do_not_count(fill):
    assert fill(map_types.PROG_ARRAY, 3, 9) == Fill(3, "exact", 0)


@pytest.mark.parametrize("release", ["5.5", "6.13", "6.18"])
def test_an_array_of_maps_with_empty_slots(kernel, release):
    kernel.release = release
    info = {"type": map_types.ARRAY_OF_MAPS, "value_size": 4, "max_entries": 4096}
    entries = {struct.pack("=I", number): bytes(4) for number in range(1, 4096, 2)}
    with ids.open_id(ids.MAP, kernel.add_map(entries=entries, **info).id) as fd:
        found = SimpleNamespace(**dict(info, key_size=4))
        assert map_fill.fill(fd.number, found, Budget(seconds=60)) == Fill(2048, "exact", 0)


def test_without_batches(fill, kernel):
    kernel.release = "5.5"
    assert fill(map_types.HASH, 30, 1 << 20) == Fill(30, "exact", 0)


def test_the_end_of_the_budget(fill):
    count, method, error = fill(map_types.HASH, 60000, 65536, Budget(memory=100000, seconds=60))
    assert (method, error) == ("at_least", None)
    assert 4096 <= count < 60000
    assert fill(map_types.DEVMAP_HASH, 9, 9, Budget(seconds=0)) == Fill(1, "at_least", None)


def test_a_budget_of_time_and_memory():
    clock = iter([0.0, 0.04, 0.05, 0.06])
    budget = Budget(memory=100, seconds=0.05, now=lambda: next(clock))
    assert budget.spend(10) is True
    assert budget.spend(10) is False
    assert Budget(memory=100, seconds=60).spend(100) is False


def test_a_large_hash_is_sampled(fill, kernel):
    # in the fake kernel the buckets in front are full and those behind are empty: it has half of what fits
    count, method, error = fill(map_types.HASH, 70000, 70000)
    assert method == "sampled"
    assert 0 < count <= 70000
    assert error > 0
    assert kernel.count(BATCH) == 33


def test_a_large_hash_with_little_in_it_is_counted(fill):
    assert fill(map_types.HASH, 60, 1 << 20) == Fill(60, "exact", 0)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_the_error_is_what_it_says(share):
    """19 of 20 estimates of a hash that is filled at random are off by no more than their error."""
    dice, within = random.Random(7), 0
    buckets = 1 << 14
    for _turn in range(100):
        loads = [0] * buckets
        for _entry in range(int(share * buckets)):
            loads[dice.randrange(buckets)] += 1
        windows = []
        for number in range(16):
            start = number * (buckets // 16) + dice.randrange(buckets // 32)
            windows.append((sum(loads[start : start + 200]), 200))
        count, _method, error = estimate(windows, buckets, buckets)
        within += abs(count - int(share * buckets)) <= error
    assert within >= 90


def test_an_estimate_is_no_more_than_there_is_room_for():
    assert estimate([(300, 200), (310, 200)], 1 << 10, 1000).count == 1000


@pytest.mark.parametrize("kind", [map_types.RINGBUF, map_types.PERF_EVENT_ARRAY])
def test_types_that_do_not_tell(fill, kernel, kind):
    kernel.fault(commands.BPF_MAP_GET_NEXT_KEY, ENOTSUPP)
    kernel.fault(commands.BPF_MAP_LOOKUP_ELEM, ENOTSUPP)
    with pytest.raises(NotSupported):
        fill(kind, 1, 1)
