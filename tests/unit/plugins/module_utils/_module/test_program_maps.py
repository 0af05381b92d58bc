# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn.source import rodata_sha256
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module.program_maps import NotTold, ProgramMaps
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types

NOTHING = rodata_sha256([])


def rodata(kernel, content=b"12345678", **options):
    fields = dict({"type": map_types.ARRAY, "max_entries": 1, "frozen": 1, "map_flags": 0x80}, **options)
    return kernel.add_map(entries={bytes(4): content}, **fields).id


def test_shapes(kernel):
    number = kernel.add_map(5, type=1, key_size=4, value_size=16, map_flags=0x400).id
    maps = ProgramMaps()
    assert maps.shapes([number]) == {5: (1, 4, 16, 0x400)} == maps.shapes([number, 5])
    assert kernel.count(commands.BPF_MAP_GET_FD_BY_ID) == 1


def test_only_frozen_maps_count(kernel):
    frozen, other = rodata(kernel), rodata(kernel, frozen=0)
    expected = rodata_sha256([((map_types.ARRAY, 4, 8, 0x80), [b"12345678"])])
    assert ProgramMaps().rodata_sha256([frozen, other]) == expected == ProgramMaps().rodata_sha256([other, frozen])
    assert ProgramMaps().rodata_sha256([other]) == ProgramMaps().rodata_sha256([]) == NOTHING
    assert ProgramMaps().rodata_sha256([rodata(kernel, b"12345679")]) != expected


def test_entries_are_sorted(kernel):
    keys = [struct.pack("=I", number) for number in range(50)]
    one = kernel.add_map(entries={key: bytes(8) for key in keys}, max_entries=64, frozen=1).id
    other = kernel.add_map(entries={key: bytes(8) for key in reversed(keys)}, max_entries=64, frozen=1).id
    fewer = kernel.add_map(entries={key: bytes(8) for key in keys[1:]}, max_entries=64, frozen=1).id
    found = [ProgramMaps().rodata_sha256([number]) for number in (one, other, fewer)]
    assert found[0] == found[1] != found[2]


def test_a_kernel_that_cannot_freeze(kernel):
    number = kernel.add_map(fdinfo=b"pos:\t0\nmap_type:\t2\n").id
    with pytest.raises(NotTold, match="unsupported"):
        ProgramMaps().rodata_sha256([number])


def test_a_map_that_cannot_be_read(kernel):
    number = rodata(kernel)
    kernel.fault(commands.BPF_MAP_GET_FD_BY_ID, errno.EPERM)
    with pytest.raises(KernelError):
        ProgramMaps().shapes([number])


def test_a_map_that_does_not_stand_still(kernel, monkeypatch):
    """Only what was read whole has a hash."""
    from ansible_collections.ebpf.fleet.plugins.module_utils._module import program_maps

    class Content(program_maps.Content):
        def chunks(self):
            yield from super().chunks()
            self.complete = False

    monkeypatch.setattr(program_maps, "Content", Content)
    with pytest.raises(NotTold, match="cannot be read whole"):
        ProgramMaps().rodata_sha256([rodata(kernel)])
