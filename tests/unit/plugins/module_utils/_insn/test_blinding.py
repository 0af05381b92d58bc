# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import blinding, decode
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn

RANDOM = 0x5EED1234


def signed(number):
    number &= 0xFFFFFFFF
    return number - (1 << 32 if number >> 31 else 0)


def halves(imm, narrow):
    """Return the two instructions that make a constant in register 11."""
    move, xor = (0xB4, 0xA4) if narrow else (0xB7, 0xA7)
    return insn(move, 11, imm=signed(RANDOM ^ imm)) + insn(xor, 11, imm=RANDOM)


def shown(data):
    """Return the instructions of a little-endian program before blinding, without their slots."""
    return [tuple(each)[1:] for each in blinding.unblind(decode.decode(data, "little"))[0]]


def expected(data):
    return [tuple(each)[1:] for each in decode.decode(data, "little")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (insn(0x07, 1, imm=-5), halves(-5, False) + insn(0x0F, 1, 11)),
        (insn(0x04, 1, imm=5), halves(5, True) + insn(0x0C, 1, 11)),
        (insn(0xB7, 3, imm=1 << 30), halves(1 << 30, False) + insn(0xBF, 3, 11)),
        (insn(0x37, 1, off=1, imm=7), halves(7, False) + insn(0x3F, 1, 11, off=1)),
        (insn(0x15, 2, off=0, imm=9), halves(9, False) + insn(0x1D, 2, 11)),
        (insn(0x16, 2, off=0, imm=-9), halves(-9, True) + insn(0x1E, 2, 11)),
        (insn(0x62, 10, off=-4, imm=77), halves(77, False) + insn(0x63, 10, 11, -4)),
        (insn(0x7A, 10, off=-8, imm=-1), halves(-1, False) + insn(0x7B, 10, 11, -8)),
    ],
)
def test_one_constant(before, after):
    assert shown(after + EXIT) == expected(before + EXIT)


@pytest.mark.parametrize("clear", [b"", insn(0xBC, 11, 11, imm=1)])
def test_wide_load(clear):
    low, high = 0x89ABCDEF, 0x01234567
    data = halves(high, False) + insn(0x67, 11, imm=32) + insn(0xBF, 1, 11)
    data += halves(low, True) + clear + insn(0x4F, 1, 11)
    assert shown(data + EXIT) == expected(insn(0x18, 1, imm=signed(low)) + insn(0, imm=high) + EXIT)


@pytest.mark.parametrize(
    "data",
    [
        MOVE + EXIT,
        # not the register, not the order, nothing that takes it
        insn(0xB7, 1, imm=3) + insn(0xA7, 1, imm=4) + insn(0x0F, 2, 1),
        insn(0xA7, 11, imm=3) + insn(0xB7, 11, imm=4) + insn(0x0F, 2, 11),
        halves(3, False) + MOVE,
        halves(3, False) + insn(0xDB, 10, 11, -8),
        halves(3, False),
        insn(0xB7, 11, imm=3) + insn(0xA4, 11, imm=4) + insn(0x0F, 2, 11),
        halves(1, False) + insn(0x67, 11, imm=31) + insn(0xBF, 1, 11) + halves(1, True) + insn(0x4F, 1, 11),
    ],
)
def test_what_was_not_blinded_stays(data):
    found = shown(data)
    assert all(item in found for item in expected(data)[:1])
    assert len(found) == len(expected(data)) or found == [*expected(data)[:3], *found[3:]]


def test_places_of_jumps():
    """The first instruction of three is where a jump to the one they were goes."""
    data = insn(0x05, off=0) + halves(5, False) + insn(0x0F, 1, 11) + EXIT
    insns, places = blinding.unblind(decode.decode(data, "little"))
    assert [each.slot for each in insns] == [0, 3, 4]
    assert places == {0: 0, 1: 1, 4: 2}
    assert places[decode.target(insns[0])] == 1
