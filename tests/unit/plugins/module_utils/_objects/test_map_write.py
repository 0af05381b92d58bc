# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct
from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, Vanished
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_write
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_flags, map_types
from ansible_collections.ebpf.fleet.tests.unit.support import fake_writes

BATCH, ONE = "BPF_MAP_UPDATE_BATCH", "BPF_MAP_UPDATE_ELEM"


def numbers(*values):
    return [struct.pack("=I", value) for value in values]


@pytest.fixture
def make(kernel):
    """Return a maker of (map of the fake kernel, writer into it)."""
    fake_writes.install(kernel)
    opened = []

    def made(kind=map_types.HASH, room=4, release="6.18", **options):
        kernel.release = release
        found = kernel.add_map(type=kind, max_entries=room, value_size=4)
        opened.append(map_write.open_id(found.id))
        info = SimpleNamespace(**found.info)
        return found, map_write.Writer(opened[-1].number, shape(info), **options)

    yield made
    for fd in opened:
        fd.close()


def result(writer):
    failed = [(struct.unpack("=I", key)[0], error.name) for key, error in writer.failed]
    return writer.written, failed, writer.not_attempted


def test_updates_and_deletes_in_batches(make, kernel):
    found, writer = make(room=10000)
    keys = numbers(*range(5000))
    writer.update(keys, keys)
    assert found.entries == dict(zip(keys, keys))
    writer.delete(keys[:4999])
    assert list(found.entries) == keys[4999:]
    assert result(writer) == (9999, [], 0)
    assert fake_writes.writes(kernel) == [BATCH, BATCH, "BPF_MAP_DELETE_BATCH", "BPF_MAP_DELETE_BATCH"]


@pytest.mark.parametrize("release", ["6.18", "5.4"])
def test_it_stops_at_the_first_failure(make, release):
    found, writer = make(room=2, release=release)
    writer.update(numbers(1, 2, 3, 4), numbers(1, 2, 3, 4))
    assert result(writer) == (2, [(3, "E2BIG")], 1)
    writer.delete(numbers(1))
    assert result(writer) == (2, [(3, "E2BIG")], 2)
    assert list(found.entries) == numbers(1, 2)


@pytest.mark.parametrize("release", ["6.18", "5.4"])
def test_or_it_goes_on(make, release):
    found, writer = make(room=2, release=release, go_on=True)
    writer.update(numbers(1, 2, 3, 2, 4), numbers(1, 2, 3, 9, 4))
    assert result(writer) == (3, [(3, "E2BIG"), (4, "E2BIG")], 0)
    assert list(found.entries.values()) == numbers(1, 9)


@pytest.mark.parametrize("release", ["6.18", "5.4"])
def test_what_is_gone_already_is_no_failure(make, release):
    found, writer = make(release=release)
    writer.update(numbers(1, 2), numbers(1, 2))
    writer.delete(numbers(1, 9, 2))
    assert (result(writer), writer.gone, found.entries) == ((4, [], 0), 1, {})


def test_types_without_batches_are_asked_once(make, kernel):
    found, writer = make(kind=map_types.DEVMAP_HASH)
    writer.update(numbers(1, 2), numbers(1, 2))
    writer.update(numbers(3), numbers(3))
    assert len(found.entries) == 3
    assert fake_writes.writes(kernel) == [BATCH, ONE, ONE, ONE]


def test_flags_go_with_each_entry(make, kernel):
    _found, writer = make(flags=map_flags.NOEXIST, go_on=True)
    writer.update(numbers(1, 1), numbers(1, 2))
    assert result(writer) == (1, [(1, "EEXIST")], 0)
    assert fake_writes.writes(kernel) == [ONE, ONE]


def test_a_frozen_map(make):
    found, writer = make()
    found.frozen = 1
    writer.update(numbers(1, 2), numbers(1, 2))
    assert result(writer) == (0, [(1, "EPERM")], 1)


def test_a_queue(make):
    found, writer = make(kind=map_types.QUEUE, room=1)
    found.info["key_size"] = 0
    writer.push(b"1234")
    with pytest.raises(KernelError) as caught:
        writer.push(b"5678")
    assert caught.value.errno == errno.E2BIG
    assert writer.pop() == b"1234"
    with pytest.raises(Vanished):
        writer.pop()


def test_it_is_opened_for_both(make, kernel):
    make()
    assert [call.attr[8] for call in kernel.calls if call.cmd == commands.BPF_MAP_GET_FD_BY_ID] == [0]
