# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import programs
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi.map_types import ARRAY
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

VALUE = struct.pack("=IxxxxI", 12, 7)


@pytest.fixture
def rodata(kernel):
    """A .rodata map with bpf_metadata_version = 12 and another variable; returns how to make more of them."""
    builder = Builder()
    number = builder.integer("int", 4)
    version = builder.variable("bpf_metadata_version", number)
    other = builder.variable("other", number)
    section = builder.section(".rodata", 12, (version, 0, 4), (other, 8, 4))
    kernel.add_btf(60, blob=builder.blob())

    def make(value=VALUE, **info):
        fields = {
            "type": ARRAY,
            "name": b"prog.rodata",
            "max_entries": 1,
            "value_size": 12,
            "btf_id": 60,
            "btf_value_type_id": section,
        }
        return kernel.add_map(entries={bytes(4): value}, **dict(fields, **info))

    return make


def metadata():
    return [record["metadata"] for record in programs.read(include=["metadata"])]


def test_the_variables_of_the_author(kernel, rodata):
    kernel.add_program(map_ids=[kernel.add_map().id, rodata().id])
    kernel.add_program(map_ids=[1])
    kernel.add_program()
    assert metadata() == [{"version": 12}, {}, {}]


def test_only_who_asks_gets_them(kernel, rodata):
    kernel.add_program(map_ids=[rodata().id])
    assert "metadata" not in programs.read()[0]
    assert kernel.count(commands.BPF_MAP_LOOKUP_ELEM) == 0


def test_a_map_of_many_programs_is_read_once(kernel, rodata):
    number = rodata().id
    for _turn in range(3):
        kernel.add_program(map_ids=[number])
    assert metadata() == [{"version": 12}] * 3
    assert kernel.count(commands.BPF_MAP_LOOKUP_ELEM) == 1


@pytest.mark.parametrize(
    "info", [{"type": 1}, {"max_entries": 2}, {"btf_value_type_id": 0}, {"name": b"table"}, {"btf_value_type_id": 1}]
)
def test_a_map_that_is_no_read_only_data_has_none(kernel, rodata, info):
    kernel.add_program(map_ids=[rodata(**info).id])
    assert metadata() == [{}]


def test_a_map_that_vanished_has_none(kernel):
    kernel.add_program(map_ids=[99])
    assert metadata() == [{}]


@pytest.mark.parametrize(
    ("cmd", "number"),
    [
        (commands.BPF_MAP_GET_FD_BY_ID, errno.EPERM),
        (commands.BPF_MAP_LOOKUP_ELEM, 524),
        (commands.BPF_MAP_LOOKUP_ELEM, errno.EPERM),
        (commands.BPF_BTF_GET_FD_BY_ID, errno.EPERM),
    ],
)
def test_what_is_refused_makes_the_column_unknown(kernel, rodata, cmd, number):
    kernel.add_program(map_ids=[rodata().id])
    kernel.fault(cmd, number)
    (record,) = programs.read(include=["metadata"])
    assert (record["metadata"], record["unavailable"]) == (
        None,
        {"metadata": errno.errorcode.get(number, "ENOTSUPP")},
    )


def test_a_map_whose_info_is_refused(kernel, rodata):
    found = rodata()
    found.info_errno = errno.EACCES
    kernel.add_program(map_ids=[found.id])
    (record,) = programs.read(include=["metadata"])
    assert record["unavailable"] == {"metadata": "EACCES"}


def test_a_value_too_short_for_its_types(kernel, rodata):
    kernel.add_program(map_ids=[rodata(value=b"12", value_size=2).id])
    (record,) = programs.read(include=["metadata"])
    assert record["unavailable"] == {"metadata": "damaged BTF"}


def test_damaged_btf(kernel, rodata):
    kernel.add_program(map_ids=[rodata().id])
    kernel.objects["btf"][60].blob = b"\x9f\xeb"
    (record,) = programs.read(include=["metadata"])
    assert record["unavailable"] == {"metadata": "damaged BTF"}


def test_of_a_program_that_cannot_be_read_nothing_is_known(kernel):
    kernel.add_program().info_errno = errno.ENODEV
    (record,) = programs.read(include=["metadata"])
    assert (record["metadata"], record["unavailable"]["metadata"]) == (None, "ENODEV")
