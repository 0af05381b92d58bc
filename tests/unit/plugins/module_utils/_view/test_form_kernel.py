# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_flags, map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_kernel import kernel_form


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        (map_types.PROG_ARRAY, struct.pack("=I", 12), {"id": 12}),
        (map_types.ARRAY_OF_MAPS, struct.pack("=I", 12), {"id": 12}),
        (map_types.HASH_OF_MAPS, struct.pack("=I", 12), {"id": 12}),
        (map_types.DEVMAP, struct.pack("=I", 2), {"ifindex": 2}),
        (map_types.DEVMAP_HASH, struct.pack("=II", 2, 7), {"ifindex": 2, "prog_id": 7}),
        (map_types.DEVMAP, struct.pack("=II", 2, 0), {"ifindex": 2, "prog_id": None}),
        (map_types.CPUMAP, struct.pack("=I", 192), {"qsize": 192}),
        (map_types.CPUMAP, struct.pack("=II", 192, 7), {"qsize": 192, "prog_id": 7}),
        (map_types.SOCKMAP, struct.pack("=Q", 1 << 40), {"cookie": 1 << 40}),
    ],
)
def test_values_of_the_kernel(kind, data, value):
    form = kernel_form(kind, len(data))
    assert form.many(data + data) == ([value, value], {})
    assert form.encode(value) == data


@pytest.mark.parametrize(
    ("kind", "size"),
    [(map_types.HASH, 4), (map_types.ARRAY, 8), (map_types.SOCKMAP, 4), (map_types.DEVMAP, 16), (99, 4)],
)
def test_values_of_programs(kind, size):
    assert kernel_form(kind, size) is None


@pytest.mark.parametrize("value", [12, {"ifindex": 2}, {"ifindex": 2, "prog_id": 1, "more": 0}, None, "2"])
def test_what_is_no_such_value(value):
    with pytest.raises(WrongValue, match="value: needs a dict with ifindex and prog_id"):
        kernel_form(map_types.DEVMAP, 8).encode(value, "value")


def test_a_wrong_number_is_named():
    with pytest.raises(WrongValue, match=r"value\.qsize: 'many' is no integer"):
        kernel_form(map_types.CPUMAP, 4).encode({"qsize": "many"}, "value")


def test_stacks():
    form = kernel_form(map_types.STACK_TRACE, 24)
    data = struct.pack("=3Q", 0xFFFFFFFF81000000, 0x1234, 0) + struct.pack("=3Q", 1, 2, 3)
    assert form.many(data)[0] == [["0xffffffff81000000", "0x1234"], ["0x1", "0x2", "0x3"]]
    with pytest.raises(WrongValue, match="written by the kernel alone"):
        form.encode([], "value")


def test_stacks_by_build_id():
    form = kernel_form(map_types.STACK_TRACE, 64, map_flags.F_STACK_BUILD_ID)
    frames = struct.pack("=i20sQ", 1, bytes(range(20)), 4096) + struct.pack("=i20sQ", 2, bytes(20), 0x7F00)
    found = {"status": "valid", "build_id": bytes(range(20)).hex(), "offset": 4096, "ip": None}
    lost = {"status": "ip", "build_id": None, "offset": None, "ip": "0x7f00"}
    assert form.many(frames)[0] == [[found, lost]]
    assert form.many(bytes(64))[0] == [[]]
