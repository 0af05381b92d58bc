# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.prog_code import Code
from ansible_collections.ebpf.fleet.plugins.module_utils._view import prog_code
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import insn

NATIVE = {"order": sys.byteorder}
BASE = 0xFFFF000000000000


def native(*fields, **named):
    return insn(*fields, **named, **NATIVE)


CALL = native(0x85, src=1, off=1, imm=1)
BODY = CALL + native(0x95) + native(0xB7, 0, imm=2) + native(0x95)


class Names:
    """A symbol table that remembers whether it was asked."""

    def __init__(self, found=None):
        self.found = found or {}
        self.asked = []

    def base(self):
        return BASE

    def find(self, addresses):
        self.asked.append(addresses)
        return {address: name for address, name in self.found.items() if address in addresses}


def code(data, **fields):
    made = Code()
    made.data = data
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def described():
    """A program of two functions with their BTF: f() with two source lines, and g()."""
    types = Builder(sys.byteorder)
    types.integer("int")
    proto = types.add(kinds.FUNC_PROTO, size=1)
    functions = [types.function(name, proto) for name in ("f", "g")]
    file, call, leave = types.string("/src/f.c"), types.string("\treturn g();"), types.string("")
    lines = [(0, file, call, 3 << 10 | 9), (1, file, leave, 0)]
    made = code(BODY, functions=[(0, functions[0]), (2, functions[1])], lines=lines, addresses=[1, 2], count=2)
    return made, types.spec()


def make(what, spec, names=None, **options):
    return prog_code.View(**dict({"format": "text"}, **options)).make(
        what, *prog_code.symbols([what], names or Names({2: "bpf_prog_1_g"})), spec, "xdp f id 1"
    )


def test_text(described):
    assert make(*described) == (
        "int f():\n; return g();\n   0: (85) call pc+1#bpf_prog_1_g\n; \n   1: (95) exit\n"
        "int g():\n   2: (b7) r0 = 2\n   3: (95) exit\n"
    )


def test_line_numbers(described):
    lines = make(*described, linum=True).splitlines()
    assert lines[1] == "; return g(); [file:/src/f.c line_num:3 line_col:9]"
    assert lines[3] == ";  [file:/src/f.c line_num:0 line_col:0]"


def test_opcodes(described):
    assert make(*described, opcodes=True).splitlines()[3] == "       " + CALL.hex(" ")


def test_records(described):
    first, second = make(*described, format="records")[:2]
    assert first == {"insn": 0, "disasm": "(85) call pc+1#bpf_prog_1_g", "proto": "int f()", "src": "return g();"}
    assert second == {"insn": 1, "disasm": "(95) exit", "src": ""}
    first = make(*described, format="records", linum=True, opcodes=True)[0]
    assert (first["file"], first["line_num"], first["line_col"]) == ("/src/f.c", 3, 9)
    assert first["opcodes"]["code"] == "0x85"


def test_graph(described):
    text = make(*described, format="dot")
    assert text.startswith('digraph "xdp f id 1" {') and text.count("subgraph") == 2
    assert 'label="int g()"' in text
    assert "; return g();\\l   0: (85) call" in text and "int f():" not in text


def test_raw(described):
    assert make(*described, format="raw") == BODY.hex()


def test_without_btf(described):
    assert make(described[0], None).splitlines()[0] == "   0: (85) call pc+1#bpf_prog_1_g"


def test_damaged_btf_costs_only_what_it_is_about(described):
    made, spec = described
    made.functions[1] = (2, 999)
    made.lines[0] = (0, 5, 99999, 0)
    lines = make(made, spec).splitlines()
    assert lines[0] == "int f():" and "int g():" not in lines and lines[2] == "; "


def test_a_type_that_is_no_function(described):
    made, spec = described
    made.functions = [(0, 1)]
    assert make(made, spec).splitlines()[0] == "; return g();"


def test_symbols_are_asked_for_only_where_one_is_needed():
    names = Names()
    (known,) = prog_code.symbols([code(native(0x85, imm=1) + native(0x95))], names)
    assert (names.asked, known.base, known.names) == ([], 0, {})


def test_symbols_are_asked_for_once_for_all_programs():
    names = Names({BASE + 330864: "__htab_map_lookup_elem", 2: "bpf_prog_1_g"})
    helper, plain = code(native(0x85, imm=330864)), code(native(0x85, imm=1))
    known = prog_code.symbols([helper, plain, code(BODY, addresses=[1, 2], count=2), code(None)], names)
    assert names.asked == [{BASE + 330864, 2}]
    assert [one.base for one in known] == [BASE, 0, BASE, 0]
    assert known[0].names == known[2].names == names.found


def test_symbols_of_helpers():
    names = Names({BASE + 330864: "__htab_map_lookup_elem"})
    (known,) = prog_code.symbols([code(native(0x85, imm=330864))], names)
    assert (known.base, known.names) == (BASE, {BASE + 330864: "__htab_map_lookup_elem"})


@pytest.mark.parametrize(("found", "expected"), [({}, True), ({2: "bpf_prog_1_g"}, False)])
def test_functions_without_a_name(described, found, expected):
    assert prog_code.unnamed(described[0], *prog_code.symbols([described[0]], Names(found))) is expected


def test_hidden_functions_are_another_matter(described):
    described[0].addresses = None
    assert not prog_code.unnamed(described[0], *prog_code.symbols([described[0]], Names()))


def test_functions(described):
    shape = prog_code.View("text")
    first, second = shape.functions(*described)
    assert first == {"name": "f", "proto": "int f()", "offset": 0, "size": 16}
    assert second == {"name": "g", "proto": "int g()", "offset": 16, "size": 16}
    # without BTF the call tells where the second begins
    places = [(one["name"], one["offset"], one["size"]) for one in shape.functions(code(BODY), None)]
    assert places == [(None, 0, 16), (None, 16, 16)]
    assert shape.functions(code(b""), None) == []
