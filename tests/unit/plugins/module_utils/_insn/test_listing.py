# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import slots
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.listing import Listing
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, golden, insn

WIDE = insn(0x18, 1, 1, imm=18) + insn(0)
PROGRAM = MOVE + WIDE + EXIT


def test_plain():
    assert Listing(PROGRAM, Symbols(), "little").text() == (
        "   0: (b7) r0 = 2\n   1: (18) r1 = map[id:18]\n   3: (95) exit\n"
    )


def test_opcodes():
    assert Listing(PROGRAM, Symbols(), "little").text(opcodes=True).splitlines()[1::2] == [
        "       b7 00 00 00 02 00 00 00",
        "       18 11 00 00 12 00 00 00 00 00 00 00 00 00 00 00",
        "       95 00 00 00 00 00 00 00",
    ]


def test_heads_stand_before_their_instruction():
    found = Listing(PROGRAM, Symbols(), "little").text({0: "f():\n", 3: "; return\n", 2: "never\n"})
    assert found == "f():\n   0: (b7) r0 = 2\n   1: (18) r1 = map[id:18]\n; return\n   3: (95) exit\n"


def test_a_thousand_does_not_move_the_lines():
    assert Listing(MOVE * 1001, Symbols(), "little").text().splitlines()[-2:] == [
        " 999: (b7) r0 = 2",
        "1000: (b7) r0 = 2",
    ]


def test_records():
    found = list(Listing(PROGRAM, Symbols(), "little").records({3: {"src": "return 2;"}}))
    assert found == [
        {"insn": 0, "disasm": "(b7) r0 = 2"},
        {"insn": 1, "disasm": "(18) r1 = map[id:18]"},
        {"insn": 3, "disasm": "(95) exit", "src": "return 2;"},
    ]


def test_opcodes_of_records():
    first, second = list(Listing(insn(0x7B, 10, 1, -8, 5) + WIDE, Symbols(), "little").records(opcodes=True))
    assert first["opcodes"] == {
        "code": "0x7b",
        "src_reg": "0x1",
        "dst_reg": "0xa",
        "off": ["0xf8", "0xff"],
        "imm": ["0x05", "0x00", "0x00", "0x00"],
    }
    assert second["opcodes"]["imm"] == ["0x12", *["0x00"] * 11]


def test_the_other_byte_order():
    """The text is the same, the bytes are shown as they are."""
    data = b"".join(data for data, _text in golden())
    turned = slots.little(data, "big")
    assert Listing(turned, Symbols(), "big").text() == Listing(data, Symbols(), "little").text()
    big = Listing(insn(0x7B, 10, 1, -8, 5, "big"), Symbols(), "big")
    assert big.text(opcodes=True).splitlines()[1] == "       7b a1 ff f8 00 00 00 05"
    (record,) = big.records(opcodes=True)
    assert (record["opcodes"]["dst_reg"], record["opcodes"]["src_reg"]) == ("0xa", "0x1")


@pytest.mark.parametrize("data", [b"", b"\x18", bytes(7)])
def test_nothing_is_an_empty_listing(data):
    assert Listing(data, Symbols(), "little").text(opcodes=True) == ""


def test_wide_load_at_the_end():
    found = Listing(insn(0x18, 1, imm=7), Symbols(), "little")
    assert found.text(opcodes=True) == "   0: (18) r1 = 0x7\n       18 01 00 00 07 00 00 00\n"
    assert len(next(found.records(opcodes=True))["opcodes"]["imm"]) == 4
