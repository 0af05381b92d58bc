# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, map_batch
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import Shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types

SHAPE = Shape(4, 8, 8, (), 8)
ENTRIES = {struct.pack("=I", number): struct.pack("=Q", number) for number in range(100)}


def everything(kernel, size, shape=SHAPE):
    """Return (entries, calls)."""
    found = {}
    with ids.open_id(ids.MAP, 5) as fd:
        batch = map_batch.Batch(fd.number, shape, size)
        ended = False
        while not ended:
            count, ended = batch.read()
            keys, values = batch.keys(count), batch.values(count)
            found.update({keys[4 * at : 4 * at + 4]: values[8 * at : 8 * at + 8] for at in range(count)})
    return found, kernel.count(commands.BPF_MAP_LOOKUP_BATCH)


@pytest.mark.parametrize("kind", [map_types.HASH, map_types.ARRAY, map_types.LPM_TRIE])
@pytest.mark.parametrize(("size", "calls"), [(1000, 1), (100, 1), (99, 2), (10, 10), (1, 100)])
def test_all_entries_whatever_the_cursor_is(kernel, kind, size, calls):
    kernel.add_map(5, type=kind, entries=ENTRIES)
    assert everything(kernel, size) == (ENTRIES, calls)


def test_the_end_of_a_map_without_entries(kernel):
    kernel.add_map(5)
    assert everything(kernel, 16) == ({}, 1)


def test_a_bucket_that_is_larger_than_the_buffers(kernel):
    kernel.add_map(5, entries=ENTRIES).bucket = 10
    found, calls = everything(kernel, 4)
    # 4 and 8 are too few; 16 are one bucket
    assert (found, calls) == (ENTRIES, 2 + 10)


@pytest.mark.parametrize("kind", [map_types.PROG_ARRAY, map_types.QUEUE])
def test_types_without_batches(kernel, kind):
    kernel.add_map(5, type=kind)
    with pytest.raises(map_batch.NoBatches):
        everything(kernel, 16)


def test_kernels_without_batches(make_kernel):
    kernel = make_kernel("5.5")
    kernel.add_map(5, entries=ENTRIES)
    with pytest.raises(map_batch.NoBatches):
        everything(kernel, 16)


def test_kernels_without_batches_whatever_place_it_begins_at(make_kernel):
    make_kernel("5.5").add_map(5, type=map_types.ARRAY, entries=ENTRIES)
    with ids.open_id(ids.MAP, 5) as fd:
        batch = map_batch.Batch(fd.number, SHAPE, 16)
        batch.start(struct.pack("=I", 9))
        with pytest.raises(map_batch.NoBatches):
            batch.read()


@pytest.mark.parametrize("release", ["6.13", "6.14"])
@pytest.mark.parametrize("there", [(), (0, 2), (1, 3), (0, 1, 2, 3), (3,), (0,)])
@pytest.mark.parametrize("size", [1, 2, 16])
def test_slots_without_an_entry(make_kernel, release, there, size):
    kernel = make_kernel(release)
    entries = {struct.pack("=I", number): struct.pack("=Q", number) for number in there}
    kernel.add_map(5, type=map_types.ARRAY_OF_MAPS, entries=entries, max_entries=4)
    assert everything(kernel, size)[0] == entries


def test_an_entry_that_is_deleted_while_it_is_looked_up(kernel):
    """An LPM trie before 6.14: the kernel has handed nothing out and left the cursor as it was."""
    kernel.add_map(5, type=map_types.LPM_TRIE, entries=ENTRIES)
    kernel.before(commands.BPF_MAP_LOOKUP_BATCH, lambda call: struct.pack_into("=I", attrs[0], 32, 0))
    kernel.fault(commands.BPF_MAP_LOOKUP_BATCH, errno.EINTR, times=1, when=lambda call: any(call.attr[:8]))
    attrs = []
    with ids.open_id(ids.MAP, 5) as fd:
        batch = map_batch.Batch(fd.number, SHAPE, 60)
        attrs.append(batch._attr)
        assert [batch.read() for _turn in range(3)] == [(60, False), (0, False), (39, True)]


def test_einval_in_the_middle_is_an_error(kernel):
    kernel.add_map(5, entries=ENTRIES)
    kernel.fault(commands.BPF_MAP_LOOKUP_BATCH, errno.EINVAL, when=lambda call: any(call.attr[:8]))
    with pytest.raises(KernelError) as caught:
        everything(kernel, 16)
    assert caught.value.errno == errno.EINVAL


def test_a_map_that_may_only_be_written(kernel):
    kernel.add_map(5, lookup_errno=errno.EPERM)
    with pytest.raises(Denied):
        everything(kernel, 16)


@pytest.mark.parametrize(
    ("shape", "count"),
    [(SHAPE, 4096), (Shape(4, 4096, 4096, (), 4096), 255), (Shape(4, 1 << 20, 1 << 20, (), 1 << 20), 16)],
)
def test_a_batch_is_as_large_as_memory_allows(shape, count):
    assert map_batch.entries(shape) == count
