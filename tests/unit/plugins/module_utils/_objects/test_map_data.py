# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct
from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import ENOTSUPP, NotSupported
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_data import Chunk, Content, Once
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import Shape
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_walk import LostPlace
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types

BATCH, NEXT = commands.BPF_MAP_LOOKUP_BATCH, commands.BPF_MAP_GET_NEXT_KEY


def numbered(count, size=8):
    return {struct.pack("=I", number): struct.pack("=Q", number)[:size].ljust(size, b"\0") for number in range(count)}


@pytest.fixture
def content(kernel):
    """Return a maker of contents of new maps."""
    opened = []

    def make(kind=map_types.HASH, entries=(), max_entries=10000, **info):
        made = kernel.add_map(type=kind, entries=entries, max_entries=max_entries, **info)
        opened.append(ids.open_id(ids.MAP, made.id))
        found = SimpleNamespace(**dict({"map_flags": 0}, **made.info))
        return Content(opened[-1].number, found)

    yield make
    for fd in opened:
        fd.close()


def pairs(content, **how):
    found = []
    for keys, values, count in content.chunks(**how):
        size, stride = content.shape.key, content.shape.stride
        found += [(keys[at * size : (at + 1) * size], values[at * stride : (at + 1) * stride]) for at in range(count)]
    return found


@pytest.mark.parametrize("kind", [map_types.HASH, map_types.ARRAY, map_types.LPM_TRIE, map_types.DEVMAP_HASH])
@pytest.mark.parametrize("count", [0, 1, 300, 5000])
def test_all_entries_whatever_the_type(content, kind, count):
    made = content(kind, numbered(count))
    assert dict(pairs(made)) == numbered(count)
    assert made.complete is True


def test_slots_without_an_entry_are_passed_over(content):
    entries = {struct.pack("=I", number): b"12345678" for number in (1, 700)}
    made = content(map_types.PROG_ARRAY, entries, max_entries=1000)
    assert dict(pairs(made)) == entries
    assert made.complete is True


def test_without_batches(content, kernel):
    kernel.release = "5.5"
    made = content(map_types.HASH, numbered(600))
    assert dict(pairs(made)) == numbered(600)
    assert kernel.count(NEXT) == 601


@pytest.mark.parametrize("release", ["5.5", "6.13", "6.18"])
def test_an_array_of_maps_with_empty_slots(content, kernel, release):
    kernel.release = release
    entries = {struct.pack("=I", number): struct.pack("=I", number) for number in (0, 2, 3, 700)}
    made = content(map_types.ARRAY_OF_MAPS, entries, max_entries=1000, value_size=4)
    assert dict(pairs(made)) == entries
    assert made.complete is True
    assert [key for key, _value in pairs(made, after=struct.pack("=I", 2))] == list(entries)[2:]


@pytest.mark.parametrize("release", ["4.18", "5.5"])
def test_behind_a_key_of_an_array_without_batches(content, kernel, release):
    kernel.release = release
    made = content(map_types.ARRAY, numbered(50), max_entries=50)
    assert [key for key, _value in pairs(made, after=struct.pack("=I", 9))] == list(numbered(50))[10:]
    assert made.complete is True


def test_a_limit_is_one_call(content, kernel):
    made = content(map_types.HASH, numbered(5000))
    first = next(made.chunks(want=100))
    assert first.count >= 100
    assert (kernel.count(BATCH), kernel.count(NEXT), made.complete) == (1, 0, False)


def test_a_limit_does_not_need_much_memory(content):
    made = content(map_types.HASH, {}, value_size=1 << 20)
    assert list(made.chunks(want=1000)) == []


def test_behind_a_key_of_a_hash(content, kernel):
    made = content(map_types.HASH, numbered(50))
    assert [key for key, _value in pairs(made, after=struct.pack("=I", 9))] == list(numbered(50))[10:]
    # the bucket of a key is the kernel's secret
    assert kernel.count(BATCH) == 0
    with pytest.raises(LostPlace):
        pairs(made, after=struct.pack("=I", 99))


def test_behind_a_key_of_an_array(content, kernel):
    made = content(map_types.ARRAY, numbered(50), max_entries=50)
    assert [key for key, _value in pairs(made, after=struct.pack("=I", 9))] == list(numbered(50))[10:]
    assert kernel.count(NEXT) == 0
    # the kernel would begin again
    with pytest.raises(LostPlace):
        pairs(made, after=struct.pack("=I", 50))


def test_the_next_of_a_queue(content, kernel):
    made = content(map_types.QUEUE, key_size=0)
    assert (pairs(made), made.complete) == ([], True)
    kernel.objects["map"][max(kernel.objects["map"])].queue = [b"11111111", b"22222222"]
    assert [chunk.values for chunk in made.chunks()] == [b"11111111"]
    assert made.complete is False


@pytest.mark.parametrize("kind", [map_types.PERF_EVENT_ARRAY, map_types.RINGBUF])
def test_what_cannot_be_read_is_an_error_and_no_empty_list(content, kernel, kind):
    made = content(kind, numbered(2))
    kernel.fault(commands.BPF_MAP_LOOKUP_ELEM, ENOTSUPP)
    kernel.fault(NEXT, ENOTSUPP)
    with pytest.raises(NotSupported):
        list(made.chunks())


def test_one_key(content):
    made = content(map_types.HASH, numbered(9))
    assert made.lookup(struct.pack("=I", 3)) == Chunk(struct.pack("=I", 3), struct.pack("=Q", 3), 1)
    assert made.lookup(struct.pack("=I", 30)).count == 0


def test_a_prefix_is_found_exactly(content, kernel):
    wide, narrow = struct.pack("=I", 8) + bytes([10, 9, 9, 9]), struct.pack("=I", 16) + bytes([10, 9, 0, 0])
    made = content(map_types.LPM_TRIE, {wide: b"11111111", narrow: b"22222222"}, key_size=8)
    asked = struct.pack("=I", 8) + bytes([10, 0, 0, 0])
    # the kernel answers with any prefix that covers the key
    made._elements = SimpleNamespace(lookup=lambda key: b"11111111")
    assert made.exact(asked, lambda key: key[:5]) == Chunk(wide, b"11111111", 1)
    assert made.exact(struct.pack("=I", 9) + bytes([10, 0, 0, 0]), bytes).count == 0
    made._elements = SimpleNamespace(lookup=lambda key: None)
    before = kernel.count(BATCH)
    assert made.exact(asked, bytes).count == 0
    assert kernel.count(BATCH) == before


def test_a_trie_that_begins_again_tells_no_entry_twice(content, kernel):
    made = content(map_types.LPM_TRIE, numbered(9000))
    entries = kernel.objects["map"][max(kernel.objects["map"])].entries
    gone = [struct.pack("=I", 4095)]

    def forget(call):
        if any(call.attr[:8]) and gone:
            del entries[gone.pop()]

    kernel.before(BATCH, forget)
    found = pairs(made)
    assert len(found) == len(dict(found)) == 9000
    assert made.complete is True


def test_a_trie_that_never_ends_is_left():
    once = Once(Shape(4, 4, 4, (), 4), 10)
    chunk = Chunk(b"aaaabbbb", b"11112222", 2)
    assert once.new(chunk) == chunk
    turns = 0
    while not once.tired:
        assert once.new(chunk).count == 0
        turns += 1
    assert turns < 200
    assert once.new(Chunk(b"bbbbcccc", b"22223333", 2)) == Chunk(b"cccc", b"3333", 1)


def test_a_refused_batch_is_an_error(content, kernel):
    made = content(map_types.HASH, numbered(9))
    kernel.fault(BATCH, errno.EPERM)
    with pytest.raises(OSError, match="EPERM"):
        list(made.chunks())
