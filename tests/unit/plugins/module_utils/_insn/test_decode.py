# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import decode, slots
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, golden, insn


@pytest.mark.parametrize("order", ["little", "big"])
def test_fields(order):
    found = decode.decode(insn(0x7B, 10, 1, -8, -2, order), order)
    assert found == [decode.Insn(0, 0x7B, 10, 1, -8, -2, None)]


def test_native_order_is_the_default():
    assert decode.decode(insn(0x61, 3, 4, 5, 6, sys.byteorder))[0][1:] == (0x61, 3, 4, 5, 6, None)


def test_wide_takes_two_slots():
    first, last = decode.decode(insn(0x18, 1, imm=-1) + insn(0, imm=1) + EXIT, "little")
    assert (first.slot, last.slot, last.code) == (0, 2, 0x95)
    assert decode.immediate(first) == 0x1FFFFFFFF


def test_wide_that_is_cut_off():
    (found,) = decode.decode(insn(0x18, 1, imm=7), "little")
    assert found.second is None and decode.immediate(found) == 7


@pytest.mark.parametrize("order", ["little", "big"])
def test_encode_is_the_inverse(order):
    data = slots.little(b"".join(data for data, _text in golden()), order)
    assert decode.encode(decode.decode(data, order), order) == data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (insn(0x05, off=3), 4),
        (insn(0x05, off=-1), 0),
        (insn(0x06, off=9, imm=70000), 70001),
        (insn(0x15, off=2, imm=9), 3),
        (insn(0x1E, off=2), 3),
        (insn(0xE5, off=2), 3),
        (insn(0x0D, off=2), None),
        (insn(0x85, off=2), None),
        (insn(0x95, off=2), None),
        (insn(0x07, off=2), None),
    ],
)
def test_targets_of_jumps(data, expected):
    assert decode.target(decode.decode(data, "little")[0]) == expected
