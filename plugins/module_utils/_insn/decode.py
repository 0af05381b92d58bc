# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Bytes <-> instructions as values, for those who look at single ones; text is made without them."""

from __future__ import annotations

import struct
from collections import namedtuple

from .._uapi import opcodes
from . import opcode, slots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

_FIELDS = struct.Struct("<BBhi")

# ``slot`` counts 8 bytes each, ``off`` and ``imm`` are signed. ``second`` is the second slot of a 16-byte load in the
# one form of slots.py as a number, None for all others (and where the program ends before it).
Insn = namedtuple("Insn", "slot code dst src off imm second")


def decode(data: bytes, order: slots.Order = slots.NATIVE) -> list[Insn]:
    """Return the instructions of a program. Every opcode is one, known or not: nothing is raised."""
    data = slots.little(data, order)
    words = slots.numbers(data)
    first = set(slots.wide(data))
    return [
        Insn(slot, code, registers & 15, registers >> 4, off, imm, _second(words, slot) if slot in first else None)
        for slot, (code, registers, off, imm) in enumerate(_FIELDS.iter_unpack(data))
        if slot - 1 not in first
    ]


def _second(words: tuple[int, ...], slot: int) -> int | None:
    return words[slot + 1] if slot + 1 < len(words) else None


def encode(insns: Iterable[Insn], order: slots.Order = slots.NATIVE) -> bytes:
    """Return the bytes of instructions, the inverse of `decode`; ``slot`` is not looked at."""
    parts = []
    for insn in insns:
        parts.append(_FIELDS.pack(insn.code, insn.dst | insn.src << 4, insn.off, insn.imm))
        if insn.second is not None:
            parts.append(insn.second.to_bytes(slots.SIZE, "little"))
    return slots.little(b"".join(parts), order)


def immediate(insn: Insn) -> int:
    """Return the 64 bits that a load of two slots puts into its register."""
    return insn.imm & 0xFFFFFFFF | (insn.second or 0) >> 32 << 32


def target(insn: Insn) -> int | None:
    """Return the slot that a jump goes to, None for what does not jump (calls and exits among them) or not to a place
    that the instruction tells (``gotox``)."""
    if insn.code & opcode.CLASS_MASK not in (opcode.JMP, opcode.JMP32):
        return None
    if insn.code & opcode.OP_MASK in (opcodes.CALL, opcodes.EXIT) or insn.code == opcode.GOTO_REGISTER:
        return None
    return insn.slot + 1 + (insn.imm if insn.code == opcode.GOTO_LONG else insn.off)
