# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import opcode


def test_numbers_of_classic_bpf():
    """As linux/bpf_common.h has them."""
    assert (opcode.LD, opcode.LDX, opcode.ST, opcode.STX, opcode.ALU, opcode.JMP) == (0, 1, 2, 3, 4, 5)
    assert (opcode.IMM, opcode.ABS, opcode.IND, opcode.MEM) == (0x00, 0x20, 0x40, 0x60)
    assert (opcode.ADD, opcode.SUB, opcode.MUL, opcode.DIV, opcode.OR, opcode.AND) == (0, 0x10, 0x20, 0x30, 0x40, 0x50)
    assert (opcode.LSH, opcode.RSH, opcode.NEG, opcode.MOD, opcode.XOR) == (0x60, 0x70, 0x80, 0x90, 0xA0)
    assert (opcode.JA, opcode.JEQ, opcode.JGT, opcode.JGE, opcode.JSET, opcode.X) == (0, 0x10, 0x20, 0x30, 0x40, 0x08)


def test_opcodes_with_a_meaning_of_their_own():
    assert (opcode.WIDE, opcode.EXIT_CODE, opcode.CALL_CODE, opcode.GOTO) == (0x18, 0x95, 0x85, 0x05)
    assert (opcode.GOTO_REGISTER, opcode.GOTO_LONG, opcode.MAY_GOTO, opcode.MOV_REGISTER) == (0x0D, 0x06, 0xE5, 0xBF)


def test_every_operator_has_a_place():
    assert len(opcode.ARITHMETIC) == len(opcode.COMPARISON) == 16
    assert len(opcode.CLASSES) == 8 and sorted(opcode.SIZES) == [0x00, 0x08, 0x10, 0x18]
