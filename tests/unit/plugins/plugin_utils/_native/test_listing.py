# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.listing import Code, title

START = 0xFFFFFFFFC0001000
HELPER = 0xFFFFFFFF81234560
NAME = "bpf_prog_3b185187f1855c4c_f"


def call(opcode: bytes, target: int, end: int) -> bytes:
    return opcode + struct.pack("<i", target - end)


# push; call of a helper; jump to the last; call of what has no name; ret
MAIN = b"\x55" + call(b"\xe8", HELPER, START + 6) + b"\xeb\x05" + call(b"\xe8", START - 0x100, START + 13) + b"\xc3"
FUNCTIONS = [
    {"name": NAME, "proto": "int f(void)", "address": f"0x{START:x}", "offset": 0, "size": len(MAIN)},
    {"name": None, "proto": None, "address": "0xffffffffc0002000", "offset": len(MAIN), "size": 2},
]
SOURCES = [
    {"offset": 1, "src": "help();", "file": "/f.c", "line_num": 3, "line_col": 2},
    {"offset": len(MAIN) + 1, "src": "return;"},
]
TEXT = f"""\
int f(void):
{NAME}:
   0:\tpush   %rbp
; help(); [file:/f.c line_num:3 line_col:2]
   1:\tcallq  0x{HELPER:x} <help>
   6:\tjmp    0x000000000000000d
   8:\tcallq  0x{START - 0x100:x}
   d:\tretq

0xffffffffc0002000:
   0:\tnop
; return;
   1:\tretq
"""


@pytest.fixture
def code() -> Code:
    return Code(MAIN + b"\x90\xc3", "x86_64", FUNCTIONS, SOURCES, {f"0x{HELPER:x}": "help"})


def test_text(code: Code) -> None:
    assert code.text() == TEXT


def test_opcodes(code: Code) -> None:
    lines = code.text(opcodes=True).splitlines()
    assert lines[2:4] == ["   0:\tpush   %rbp", "\t55"]
    assert "".join(line[1:] for line in lines if line.startswith("\t")).replace(" ", "") == (MAIN + b"\x90\xc3").hex()


def test_records(code: Code) -> None:
    first, second, third, fourth, _last, other, end = code.records()
    assert first == {
        "function": NAME, "pc": "0x0", "disasm": "push   %rbp", "operation": "push", "operands": ["%rbp"],
        "proto": "int f(void)",
    }  # fmt: skip
    assert second["symbol"] == "help" and second["disasm"] == f"callq  0x{HELPER:x}"
    assert (second["src"], second["line_num"], second["operands"]) == ("help();", 3, [f"0x{HELPER:x}"])
    assert (third["disasm"], "symbol" in fourth) == ("jmp    0x000000000000000d", False)
    assert (other["function"], other["pc"], end["src"], end["operands"]) == (
        "0xffffffffc0002000", "0x0", "return;", [],
    )  # fmt: skip
    assert code.records(opcodes=True)[1]["opcodes"][0] == "0xe8"


def test_operands() -> None:
    functions = [{"name": "f", "proto": None, "address": None, "offset": 0, "size": 16}]
    found = Code(bytes.fromhex("488d0440 0f1f440000 4889e5 f0017df0"), "x86_64", functions).records()
    assert [one["operands"] for one in found] == [
        ["(%rax,%rax,2)", "%rax"],
        ["0x0(%rax,%rax,1)"],
        ["%rsp", "%rbp"],
        ["%edi", "-0x10(%rbp)"],
    ]
    assert (found[3]["operation"], found[3]["disasm"]) == ("lock add", "lock add %edi,-0x10(%rbp)")


def test_without_an_address_calls_stay_as_they_are() -> None:
    functions = [{"name": "f", "proto": None, "address": None, "offset": 0, "size": 5}]
    assert Code(b"\xe8\0\1\0\0", "x86_64", functions).text() == "f:\n   0:\tcallq  0x0000000000000105\n"


def test_other_machines() -> None:
    functions = [{"name": "f", "proto": None, "address": "0xffff800000000000", "offset": 0, "size": 4}]
    assert Code(bytes.fromhex("c0035fd6"), "aarch64", functions).text() == "f:\n   0:\tret\n"


@pytest.mark.parametrize(
    ("name", "address", "expected"), [("f", "0x1", "f"), (None, "0x1", "0x1"), (None, None, "unknown")]
)
def test_titles(name: str | None, address: str | None, expected: str) -> None:
    assert title({"name": name, "address": address}) == expected
