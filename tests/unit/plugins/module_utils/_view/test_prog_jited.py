# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.prog_jited import Code
from ansible_collections.ebpf.fleet.plugins.module_utils._view import prog_jited
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

FIRST, SECOND = 0xFFFFFFFFC0000000, 0xFFFFFFFFC0000100


def code(**fields):
    made = Code()
    made.data, made.lengths, made.addresses, made.name = bytes(16), [10, 6], [FIRST, SECOND], b"main"
    made.tags = [b"\xaa" * 8, b"\xbb" * 8]
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def described():
    types = Builder()
    types.integer("int")
    proto = types.add(kinds.FUNC_PROTO, size=1)
    functions = [types.function(name, proto) for name in ("a_long_name_of_main", "g")]
    file, first, second = types.string("/f.c"), types.string(" first();"), types.string("second();")
    # those of the second function come first, since it is in front of the other
    lines = [(SECOND, file, second, 7 << 10), (FIRST, file, first, 3 << 10 | 2), (FIRST + 9, file, second, 4 << 10)]
    return code(types=functions, lines=lines), types.spec()


def test_functions_by_their_symbols():
    names = {FIRST: "bpf_prog_aa_main", SECOND: "bpf_prog_bb_g"}
    assert prog_jited.functions(code(), names, None) == [
        {"name": "bpf_prog_aa_main", "proto": None, "address": "0xffffffffc0000000", "offset": 0, "size": 10},
        {"name": "bpf_prog_bb_g", "proto": None, "address": "0xffffffffc0000100", "offset": 10, "size": 6},
    ]


def test_names_as_the_kernel_makes_them(described):
    made, spec = described
    aa, bb = "aa" * 8, "bb" * 8
    found = prog_jited.functions(made, {}, spec)
    assert [one["name"] for one in found] == [f"bpf_prog_{aa}_a_long_name_of_main", f"bpf_prog_{bb}_g"]
    assert [one["proto"] for one in found] == ["int a_long_name_of_main()", "int g()"]
    names = [one["name"] for one in prog_jited.functions(code(), {}, None)]
    assert names == [f"bpf_prog_{aa}_main", f"bpf_prog_{bb}_F"]
    assert prog_jited.functions(code(name=b""), {}, None)[0]["name"] == f"bpf_prog_{aa}"


def test_functions_of_which_less_is_known():
    found = prog_jited.functions(code(addresses=None, tags=[b"\xaa" * 8]), {}, None)
    assert [one["address"] for one in found] == [None, None]
    assert [one["name"] for one in found] == ["bpf_prog_" + "aa" * 8 + "_main", None]


@pytest.mark.parametrize(("names", "expected"), [({}, True), ({FIRST: "f"}, True), ({FIRST: "f", SECOND: "g"}, False)])
def test_unnamed(names, expected):
    assert prog_jited.unnamed(code(), names) is expected
    assert prog_jited.unnamed(code(addresses=None), names) is False


def test_source_lines_in_the_order_of_the_code(described):
    made, spec = described
    assert prog_jited.sources(made, spec, True) == [
        {"src": "first();", "file": "/f.c", "line_num": 3, "line_col": 2, "offset": 0},
        {"src": "second();", "file": "/f.c", "line_num": 4, "line_col": 0, "offset": 9},
        {"src": "second();", "file": "/f.c", "line_num": 7, "line_col": 0, "offset": 10},
    ]
    assert prog_jited.sources(made, spec, False)[0] == {"src": "first();", "offset": 0}
    assert prog_jited.sources(made, None, True) == []


def test_source_lines_of_nowhere(described):
    made, spec = described
    made.lines = [(place,) + made.lines[0][1:] for place in (0, FIRST - 1, FIRST + 10, SECOND + 6)]
    assert prog_jited.sources(made, spec, True) == []
    made.addresses = None
    assert prog_jited.sources(made, spec, True) == []


def call(opcode, target, end):
    """A call or jump that ends at an address."""
    return opcode + struct.pack("<i", target - end)


def test_targets():
    first = call(b"\xe8", SECOND, FIRST + 5) + call(b"\xe9", FIRST - 0x1000, FIRST + 10)
    second = call(b"\x0f\x84", FIRST, SECOND + 6)
    assert prog_jited.targets(code(data=first + second), "x86_64") == {SECOND, FIRST - 0x1000, FIRST}
    assert prog_jited.targets(code(data=first + second), "aarch64") == set()
    assert prog_jited.targets(code(data=first + second, addresses=None), "x86_64") == set()


def test_what_leads_to_its_own_function_is_no_target():
    data = call(b"\xe9", FIRST + 9, FIRST + 5) + bytes(11)
    assert prog_jited.targets(code(data=data), "x86_64") == set()


def test_a_call_is_found_wherever_it_begins():
    """The distance of the first holds the opcode of the second."""
    data = b"\x90\xe8\xe8" + struct.pack("<i", 5) + bytes(9)
    found = prog_jited.targets(code(data=data, lengths=[16], addresses=[FIRST]), "x86_64")
    assert FIRST + 6 + struct.unpack("<i", data[2:6])[0] in found
    # the other one stays in the function
    assert len(found) == 1
    assert prog_jited.targets(code(data=b"\xe8\n\n\n\n", lengths=[5], addresses=[FIRST]), "x86_64") == {
        FIRST + 5 + 0x0A0A0A0A
    }


def test_a_call_that_is_cut_off_is_none():
    assert prog_jited.targets(code(data=bytes(7) + b"\xe8\1\1" + bytes(6)), "x86_64") == set()


def test_names_of_what_is_called():
    own = [
        {"address": "0x10", "name": "bpf_prog_1_f"},
        {"address": "0x20", "name": None},
        {"address": None, "name": "g"},
    ]
    names = {0x30: "helper", 0x40: "not called"}
    assert prog_jited.symbols({0x30, 0x10, 0x20, 0x50}, names, own) == {"0x10": "bpf_prog_1_f", "0x30": "helper"}
    assert prog_jited.symbols({0x10}, {0x10: "bpf_prog_1_symbol"}, own) == {"0x10": "bpf_prog_1_symbol"}
