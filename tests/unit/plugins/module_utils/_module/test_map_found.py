# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_found
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import map as view


@pytest.fixture
def read(bpffs, kernel):
    """Pins a map and reads it."""

    def call(**info):
        bpffs.add(b"/bpf/a", kernel.add_map(40, **info))
        return map_found.read(bpffs.root + b"/bpf/a")

    return call


def test_a_map(read):
    found = read(name=b"one", frozen=1, map_flags=1)
    assert found.record["id"] == 40 and found.frozen is True
    assert found.brief() == {"id": 40, "type": "hash", "name": "one"}
    assert found.definition == {
        "type": "hash", "key_size": 4, "value_size": 8, "max_entries": 16, "flags": ["no_prealloc"], "map_extra": 0,
        "name": "one", "key_type": None, "value_type": None, "inner_map": None,
    }  # fmt: skip
    assert found.untold({"max_entries": 3, "map_extra": 1}) == ""


def test_its_types(read, kernel):
    spec, number = ctext.spec("struct { int a; }")
    kernel.add_btf(7, blob=spec._data)
    found = read(btf_id=7, btf_key_type_id=0, btf_value_type_id=number)
    assert found.definition["key_type"] is None
    assert found.definition["value_type"] == "struct {s32 a @0; 4 bytes}"


@pytest.mark.parametrize("blob", [None, b"\x9f\xeb", "wrong id"])
def test_types_that_cannot_be_read_are_not_taken_for_none(read, kernel, blob):
    if blob:
        kernel.add_btf(7, blob=ctext.spec("int")[0]._data if blob == "wrong id" else blob)
    found = read(btf_id=7, btf_key_type_id=99, btf_value_type_id=99)
    told = found.untold({"key_type": "u32"})
    assert told.startswith("cannot compare the types of map 40: its BTF ")
    assert found.untold({"max_entries": 3}) == ""


def test_a_kernel_that_does_not_tell_everything(make_kernel, bpffs):
    kernel = make_kernel("5.1")
    bpffs.kernel = kernel
    bpffs.add(b"/bpf/a", kernel.add_map(40))
    found = map_found.read(bpffs.root + b"/bpf/a")
    assert found.frozen is False and "5.16" in found.untold({"map_extra": 3}) and found.untold({"map_extra": 0}) == ""


def test_maps_within(read, kernel):
    kernel.add_map(41, type=map_types.ARRAY, value_size=24, map_flags=0x1000)
    entries = {b"\0\0\0\0": struct.pack("=I", 41)}
    found = read(type=map_types.HASH_OF_MAPS, value_size=4, entries=entries)
    assert found.definition["inner_map"] == {"type": "array", "key_size": 4, "value_size": 24, "flags": ["inner_map"]}
    kernel.remove(kernel.objects["map"][41])
    assert map_found.Found(found.record, found._info).definition["inner_map"] is None
    kernel.objects["map"][40].entries = {}
    assert map_found.Found(found.record, found._info).definition["inner_map"] is None


def test_nothing_and_what_cannot_be_read(read, bpffs, kernel):
    assert map_found.read(bpffs.root + b"/bpf/none") is None
    kernel.fault(commands.BPF_OBJ_GET_INFO_BY_FD, errno.EPERM)
    with pytest.raises(KernelError):
        read()


def test_the_record_of_a_map_that_is_not_made():
    wanted = {"type": "hash", "key_size": 4, "value_size": 8, "max_entries": 3, "flags": ["no_prealloc"]}
    record = map_found.planned(wanted, "/sys/fs/bpf/one", True)
    assert set(record) == {*view.KEYS, "unavailable"}
    assert (record["id"], record["name"], record["flags"], record["frozen"]) == (None, "one", 1, True)
    assert set(record["unavailable"]) == {"id", "bytes_memlock"}
    typed = map_found.planned(dict(wanted, value_type="u64", name="mine"), "/x", False)
    assert typed["name"] == "mine" and typed["unavailable"]["btf_id"] == "check mode"
