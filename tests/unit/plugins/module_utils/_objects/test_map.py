# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import (
    Denied,
    KernelError,
    NotSupported,
    Vanished,
)
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, map
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, layout
from ansible_collections.ebpf.fleet.tests.unit.support.fake_kernel import Conversation


def scan(fdinfo=True):
    return list(map.scan(fdinfo)[1])


def test_maps_with_struct_and_fdinfo(kernel):
    kernel.add_map(30, name=b"one", key_size=4, value_size=700, max_entries=9, map_flags=0x81, btf_id=4)
    kernel.add_map(31, frozen=1)
    one, two = scan()
    assert (one.id, one.info.value_size, one.info.map_flags, one.info.btf_id) == (30, 700, 0x81, 4)
    assert b"\nfrozen:\t1\n" in two.fdinfo


@pytest.mark.parametrize("release", ["4.18", "5.15", "5.16", "6.17", "6.18"])
def test_every_generation_of_kernels(make_kernel, release):
    kernel = make_kernel(release)
    kernel.add_map(map_extra=5, name=b"one")
    reader, found = map.scan()
    (found,) = found
    knows = release not in ("4.18", "5.15")
    assert reader.call.has("map_extra") == knows
    assert found.info.map_extra == (5 if knows else 0)
    assert reader.call.has("hash") == (release == "6.18")
    assert kernel.sizes["map"] == reader.call.known <= layout.MAP_INFO_SIZE


def test_a_map_that_cannot_be_read_keeps_its_id_and_its_error(kernel):
    kernel.add_map(5).info_errno = errno.EACCES
    kernel.add_map(6)
    lost, fine = scan()
    assert (lost.id, lost.info, lost.error.name) == (5, None, "EACCES")
    assert fine.error is None


def test_an_fdinfo_that_cannot_be_read_spoils_nothing_else(kernel):
    kernel.add_map(5)
    kernel.fdinfo_errno = errno.ENOENT
    (found,) = scan()
    assert (found.info.id, found.fdinfo, found.fdinfo_error.errno) == (5, None, errno.ENOENT)
    (found,) = scan(fdinfo=False)
    assert (found.fdinfo, found.fdinfo_error) == (None, None)


def test_a_value_is_looked_up(kernel):
    kernel.add_map(entries={b"\0\0\0\0": b"12345678", b"\1\0\0\0": b"x" * 8})
    with ids.open_id(ids.MAP, 1) as fd:
        assert map.lookup(fd.number, bytes(4), 8) == b"12345678"
        assert map.lookup(fd.number, b"\1\0\0\0", 8) == b"x" * 8


def test_a_value_longer_than_any_default_buffer(kernel):
    kernel.add_map(entries={bytes(4): b"v" * 5000}, value_size=5000)
    with ids.open_id(ids.MAP, 1) as fd:
        assert map.lookup(fd.number, bytes(4), 5000) == b"v" * 5000


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOENT, Vanished),
        (524, NotSupported),
        (errno.EOPNOTSUPP, NotSupported),
        (errno.EPERM, Denied),
        (errno.EINVAL, KernelError),
        (errno.ENOSPC, KernelError),
    ],
)
def test_a_refused_lookup_is_an_error(kernel, number, error):
    kernel.add_map(lookup_errno=number)
    with ids.open_id(ids.MAP, 1) as fd, pytest.raises(error) as caught:
        map.lookup(fd.number, bytes(4), 8)
    assert (caught.value.call, caught.value.errno) == ("BPF_MAP_LOOKUP_ELEM", number)


def test_an_absent_key_is_vanished(kernel):
    kernel.add_map()
    with ids.open_id(ids.MAP, 1) as fd, pytest.raises(Vanished):
        map.lookup(fd.number, bytes(4), 8)


def test_no_flags_are_sent_with_a_lookup(monkeypatch):
    def answer(attr, size):
        fd, pad, key, value, flags = struct.unpack_from("=IIQQQ", attr)
        assert (fd, pad, flags, size) == (7, 0, 0, 32)
        assert key and value and key != value
        return 0

    with Conversation(monkeypatch, (commands.BPF_MAP_LOOKUP_ELEM, answer)):
        assert map.lookup(7, bytes(4), 3) == bytes(3)
