# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Names of what a program calls, as bpftool prints them."""

from __future__ import annotations

import struct

from .._uapi import helper_ids, opcodes
from . import opcode, slots

_HELPERS = len(helper_ids.NAMES)
_MASK = (1 << 64) - 1
_FIELDS = struct.Struct("<BBhi")


class Symbols:
    """Whom the calls of a program go to.

    ``base`` is the address of ``__bpf_call_base``, 0 where the kernel hides addresses; ``names`` are symbols by
    address; ``functions`` the addresses of the program's functions (jited_ksyms), empty where they are hidden;
    ``count`` says how many functions the kernel compiled, 0 for a program that is interpreted.
    """

    __slots__ = ("base", "count", "functions", "names")

    def __init__(
        self, base: int = 0, names: dict[int, str] | None = None, functions: list[int] | None = None, count: int = 0
    ) -> None:
        self.base = base
        self.names = names or {}
        self.functions = functions or []
        self.count = count

    def address(self, src: int, imm: int) -> int:
        """Return the address that a call goes to."""
        if src == opcodes.PSEUDO_CALL and 0 <= imm < len(self.functions):
            return self.functions[imm]
        return self.base + imm & _MASK

    def text(self, src: int, off: int, imm: int) -> str:
        """Return what stands behind ``call``."""
        if src == 0 and 0 <= imm < _HELPERS:
            return f"bpf_{helper_ids.NAMES[imm]}#{imm}"
        if src == opcodes.PSEUDO_CALL and not self.count:
            return f"pc{off:+d}"
        address = self.address(src, imm)
        name = self.names.get(address) or f"0x{address:x}"
        return f"pc{off:+d}#{name}" if src == opcodes.PSEUDO_CALL else f"{name}#{imm}"


def called(data: bytes, symbols: Symbols) -> set[int]:
    """Return the addresses whose names the text of a program (in the one form of slots.py) needs."""
    codes = data[:: slots.SIZE]
    found = set()
    for code in (opcode.CALL_CODE, opcode.CALL_CODE | opcode.X, opcode.CALL_CODE + 1, opcode.CALL_CODE + 1 | opcode.X):
        slot = codes.find(code)
        while slot >= 0:
            _code, registers, _off, imm = _FIELDS.unpack_from(data, slot * slots.SIZE)
            if registers >> 4 or not 0 <= imm < _HELPERS:
                found.add(symbols.address(registers >> 4, imm))
            slot = codes.find(code, slot + 1)
    return found


def function_slots(data: bytes) -> list[int]:
    """Return the slots at which functions begin as the instructions tell (in the one form of slots.py), 0 first.

    Calls tell it, and loads of the address of a function. BTF knows of all functions, these only of those in use.
    """
    codes = data[:: slots.SIZE]
    found = {0} if codes else set()
    for code, source in ((opcode.CALL_CODE, opcodes.PSEUDO_CALL), (opcode.WIDE, opcodes.PSEUDO_FUNC)):
        slot = codes.find(code)
        while slot >= 0:
            _code, registers, off, imm = _FIELDS.unpack_from(data, slot * slots.SIZE)
            if registers >> 4 == source:
                # The kernel keeps the distance of a call in the offset; in an object file it still is the immediate.
                found.add(slot + 1 + (imm if code == opcode.WIDE else off or imm))
            slot = codes.find(code, slot + 1)
    return sorted(slot for slot in found if 0 <= slot < len(codes))
