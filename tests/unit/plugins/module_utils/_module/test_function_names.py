# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._module import function_names, programs
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

CUT = b"a_name_that_is_"
WHOLE = "a_name_that_is_cut_by_the_kernel"


@pytest.fixture
def blob():
    """BTF with two functions, ids 2 and 3, and a type 4 that is none."""
    builder = Builder()
    prototype = builder.add(kinds.FUNC_PROTO)
    assert builder.function(WHOLE, prototype) == 2
    assert builder.function("other", prototype) == 3
    assert builder.integer() == 4
    return builder.blob()


def test_a_cut_name_is_completed(kernel, blob):
    kernel.add_btf(60, blob=blob)
    kernel.add_program(name=CUT, btf_id=60, functions=[2, 3])
    (record,) = programs.read()
    assert (record["name"], record["full_name"]) == (CUT.decode(), WHOLE)
    assert "unavailable" not in record


def test_a_program_without_a_name_has_one_in_its_btf(kernel, blob):
    kernel.add_btf(60, blob=blob)
    kernel.add_program(name=b"", btf_id=60, functions=[3])
    (record,) = programs.read()
    assert (record["name"], record["full_name"]) == ("", "other")


def test_a_whole_name_costs_no_btf(kernel, blob):
    kernel.add_btf(60, blob=blob)
    kernel.add_program(name=b"short", btf_id=60, functions=[2])
    (record,) = programs.read()
    assert record["full_name"] == "short"
    assert kernel.count(commands.BPF_BTF_GET_FD_BY_ID) == 0


def test_the_btf_of_many_programs_is_read_once(kernel, blob):
    kernel.add_btf(60, blob=blob)
    for number in (2, 3, 2):
        kernel.add_program(name=CUT, btf_id=60, functions=[number])
    assert [record["full_name"] for record in programs.read()] == [WHOLE, "other", WHOLE]
    assert kernel.count(commands.BPF_BTF_GET_FD_BY_ID) == 1


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.ENOENT, "ENOENT"), (errno.EPERM, "EPERM"), (errno.EFAULT, "EFAULT")]
)
def test_btf_that_cannot_be_read(kernel, blob, number, reason):
    kernel.add_btf(60, blob=blob)
    kernel.fault(commands.BPF_BTF_GET_FD_BY_ID, number)
    kernel.add_program(name=CUT, btf_id=60, functions=[2])
    (record,) = programs.read()
    assert (record["full_name"], record["unavailable"]) == (None, {"full_name": reason})


def test_btf_that_was_unloaded_meanwhile(kernel, blob):
    kernel.add_program(name=CUT, btf_id=60, functions=[2])
    (record,) = programs.read()
    assert record["full_name"] is None


@pytest.mark.parametrize("damaged", [b"", b"\x9f\xeb", b"x" * 24, b"\x9f\xeb\x01\x00\x18" + b"\xff" * 40])
def test_damaged_btf(kernel, damaged):
    kernel.add_btf(60, blob=damaged)
    kernel.add_program(name=CUT, btf_id=60, functions=[2])
    (record,) = programs.read()
    assert record["unavailable"] == {"full_name": "damaged BTF"}


@pytest.mark.parametrize("type_id", [4, 4711])
def test_a_type_that_is_no_function(kernel, blob, type_id):
    kernel.add_btf(60, blob=blob)
    kernel.add_program(name=CUT, btf_id=60, functions=[type_id])
    (record,) = programs.read()
    assert record["full_name"] is None
    assert record["unavailable"]["full_name"] in ("no BTF", "damaged BTF")


def test_a_btf_object_is_parsed_once_even_when_it_fails(kernel):
    specs = function_names.Specs()
    assert specs.get(9) == specs.get(9) == "ENOENT"
    assert kernel.count(commands.BPF_BTF_GET_FD_BY_ID) == 1
