# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import slots
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import insn


def test_both_byte_orders_have_one_form():
    fields = (0x7B, 10, 1, -8, 0x12345678)
    assert slots.little(insn(*fields, order="big"), "big") == insn(*fields) == slots.little(insn(*fields), "little")


@pytest.mark.parametrize("order", ["little", "big"])
def test_there_and_back(order):
    data = bytes(range(64))
    assert slots.little(slots.little(data, order), order) == data


@pytest.mark.parametrize("order", ["little", "big"])
def test_tail_is_no_instruction(order):
    assert slots.little(insn(0x95) + bytes(7), order) == slots.little(insn(0x95), order)
    assert slots.little(bytes(7), order) == b""


def test_numbers_have_the_opcode_lowest():
    assert slots.numbers(insn(0xB7, 1, 2, 3, 4)) == (0x00000004_0003_21_B7,)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], []),
        ([0x95], []),
        ([0x18, 0, 0x95], [0]),
        # the second slot is not looked at, whatever is in it
        ([0x18, 0x18, 0x18, 0x00], [0, 2]),
        ([0x95, 0x18], [1]),
    ],
)
def test_wide_instructions(codes, expected):
    assert slots.wide(b"".join(map(insn, codes))) == expected
