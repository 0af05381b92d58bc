# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Undoing what ``bpf_jit_harden`` does to a program: constants hidden behind random numbers (constant blinding).

The kernel replaces an instruction with a constant by two that make the constant in register 11 out of two random
halves, and one that takes it from there. Programs never name that register themselves.
"""

from __future__ import annotations

from .._uapi import opcodes
from . import opcode
from .decode import Insn

_HIDDEN = 11
_IMMEDIATE = (opcode.ALU, opcode.ALU64, opcode.JMP, opcode.JMP32)
_MOVE, _XOR = opcodes.MOV, opcode.XOR
_SHIFT = opcode.ALU64 | opcode.LSH
_OR_REGISTER = opcode.ALU64 | opcode.OR | opcode.X
# Some machines need the upper half cleared by an instruction of its own.
_CLEAR = opcode.ALU | opcodes.MOV | opcode.X


def unblind(insns: list[Insn]) -> tuple[list[Insn], dict[int, int]]:
    """Return the instructions as they were before blinding, and slot -> index in them for all where a jump may go.

    Instructions keep the slots (of the last one they were made into), offsets count from there: `decode.target` still
    is right. One that was not blinded is returned as it is.
    """
    found: list[Insn] = []
    places: dict[int, int] = {}
    index = 0
    while index < len(insns):
        places[insns[index].slot] = len(found)
        made, used = _wide(insns, index) or _single(insns, index) or (insns[index], 1)
        found.append(made)
        index += used
    return found, places


def _constant(insns: list[Insn], index: int) -> tuple[int, int] | None:
    """Return (the constant that two instructions make, the class of both), None where they do not."""
    if index + 1 >= len(insns):
        return None
    move, xor = insns[index], insns[index + 1]
    kind = move.code & opcode.CLASS_MASK
    if kind not in (opcode.ALU, opcode.ALU64) or move.dst != _HIDDEN or xor.dst != _HIDDEN:
        return None
    if (move.code, xor.code) != (kind | _MOVE, kind | _XOR):
        return None
    return move.imm ^ xor.imm, kind


def _single(insns: list[Insn], index: int) -> tuple[Insn, int] | None:
    found = _constant(insns, index)
    if found is None or index + 2 >= len(insns):
        return None
    last = insns[index + 2]
    kind = last.code & opcode.CLASS_MASK
    if last.src != _HIDDEN or last.dst == _HIDDEN:
        return None
    if kind == opcode.STX and last.code & opcode.MODE_MASK == opcode.MEM:
        code = last.code & ~opcode.CLASS_MASK | opcode.ST
    elif kind in _IMMEDIATE and last.code & opcode.X:
        code = last.code & ~opcode.X
    else:
        return None
    return last._replace(code=code, src=0, imm=found[0]), 3


def _wide(insns: list[Insn], index: int) -> tuple[Insn, int] | None:
    high = _constant(insns, index)
    if high is None or high[1] != opcode.ALU64 or index + 6 >= len(insns):
        return None
    shift, move = insns[index + 2 : index + 4]
    if (shift.code, shift.dst, shift.imm) != (_SHIFT, _HIDDEN, 32):
        return None
    if (move.code, move.src) != (opcode.MOV_REGISTER, _HIDDEN):
        return None
    low = _constant(insns, index + 4)
    last = index + 6
    if insns[last].code == _CLEAR and insns[last].dst == insns[last].src == _HIDDEN:
        last += 1
    if low is None or low[1] != opcode.ALU or last >= len(insns):
        return None
    join = insns[last]
    if (join.code, join.dst, join.src) != (_OR_REGISTER, move.dst, _HIDDEN):
        return None
    second = (high[0] & 0xFFFFFFFF) << 32
    return Insn(join.slot, opcode.WIDE, move.dst, 0, 0, low[0], second), last + 1 - index
