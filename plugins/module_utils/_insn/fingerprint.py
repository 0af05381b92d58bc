# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The fingerprint of a program: a hash of its instructions without what differs from load to load.

Version 1. Left out are the blinding of constants, the ids, names and numbers of entries of maps, addresses of the
kernel, and the suffixes that compilers put behind names. What is left depends on the build of the kernel, which inlines
and rewrites: fingerprints compare within one build. Blinding makes the address of a map a plain address: programs that
use maps do not compare between a host that blinds and one that does not.
"""

from __future__ import annotations

import hashlib
import re

from .._uapi import opcodes
from . import decode, flow, opcode
from .blinding import unblind
from .calls import Symbols
from .decode import Insn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    # of a map: type, bytes of a key, bytes of a value, flags
    Shape = tuple[int, int, int, int]

PLAIN, HIDDEN = "v1", "v1h"
_SUFFIX = re.compile(r"(\.(constprop|isra|part|cold|llvm|lto_priv|str)(\.\d+)*)+$")
# Kernel addresses of the 64-bit machines begin with at least one byte of ones; the last page is that of error numbers.
_KERNEL, _ERRORS = 0xFF << 56, (1 << 64) - 4096
_ZERO = (opcode.ALU | opcodes.MOV, opcode.ALU64 | opcodes.MOV)
_XOR_REGISTER = opcode.ALU64 | opcode.XOR | opcode.X


def fingerprint(insns: list[Insn], maps: dict[int, Shape], symbols: Symbols, hidden: bool = False) -> str:
    """Return ``v1:`` and the hash, with ``hidden`` ``v1h:`` and that of the form without the targets of calls.

    ``maps`` are the maps of the program by id. Raises `KeyError` for one that is missing.
    """
    text = "\n".join(normal_form(insns, maps, symbols, hidden))
    return f"{HIDDEN if hidden else PLAIN}:{hashlib.sha256(text.encode()).hexdigest()}"


def normal_form(insns: list[Insn], maps: dict[int, Shape], symbols: Symbols, hidden: bool = False) -> Iterator[str]:
    """Yield one line an instruction; see `fingerprint`."""
    plain, places = unblind(insns)
    order: dict[int, int] = {}
    for index, insn in enumerate(plain):
        target = decode.target(insn)
        callee = flow.function_target(insn)
        if target is not None:
            goal = places[target] - index if target in places else "elsewhere"
            # gotol has its distance where others have what they compare with
            imm = 0 if insn.code == opcode.GOTO_LONG else insn.imm
            yield f"{insn.code:02x} {insn.dst} {insn.src} {imm} -> {goal}"
        elif callee is not None:
            yield f"{insn.code:02x} {insn.dst} function {places[callee] - index if callee in places else 'elsewhere'}"
        elif insn.code == opcode.WIDE:
            yield f"18 {insn.dst} {_address(insn, maps, order)}"
        elif insn.code & ~opcode.X == opcode.CALL_CODE:
            yield f"85 {insn.src} {'*' if hidden else _callee(insn, symbols)}"
        else:
            yield _plain(insn)


def _plain(insn: Insn) -> str:
    # The three ways to clear a register: blinding makes the last out of the first two.
    clears = insn.code in _ZERO and insn.imm == insn.off == 0
    if clears or (insn.code == _XOR_REGISTER and insn.dst == insn.src):
        return f"clear {insn.dst}"
    return f"{insn.code:02x} {insn.dst} {insn.src} {insn.off} {insn.imm}"


def _address(insn: Insn, maps: dict[int, Shape], order: dict[int, int]) -> str:
    if insn.src in (opcodes.PSEUDO_MAP_FD, opcodes.PSEUDO_MAP_VALUE):
        shape = " ".join(map(str, maps[insn.imm]))
        place = f"+{(insn.second or 0) >> 32}" if insn.src == opcodes.PSEUDO_MAP_VALUE else ""
        return f"map {order.setdefault(insn.imm, len(order))} {shape}{place}"
    value = decode.immediate(insn)
    if insn.src == opcodes.PSEUDO_BTF_ID or _KERNEL <= value < _ERRORS:
        return "KADDR"
    return f"{insn.src} {value}"


def _callee(insn: Insn, symbols: Symbols) -> str:
    name = symbols.text(insn.src, 0, insn.imm).rpartition("#")[0]
    return "KADDR" if name.startswith("0x") else _SUFFIX.sub("", name)
