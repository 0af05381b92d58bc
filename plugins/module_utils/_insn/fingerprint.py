# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The fingerprint of a program: a hash of its instructions without what differs from load to load.

Version 1. Left out are the blinding of constants, the ids, names and numbers of entries of maps, addresses of the
kernel, and the suffixes that compilers put behind names. What is left depends on the build of the kernel, which inlines
and rewrites: fingerprints compare within one build.

There are four forms, since a host may keep from us what another one tells. ``v1`` has all. Where addresses are hidden
so are the targets of calls: ``v1h`` is without them. Blinding turns the reference to a map into an address, and nothing
tells whose: ``v1b`` has maps and other addresses of the kernel as one thing, numbered by first use, and the shapes of
the maps behind the code. ``v1hb`` is without both. A form that can be made always is, so that two hosts have one in
common.
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

PLAIN, HIDDEN, BLINDED, HIDDEN_BLINDED = "v1", "v1h", "v1b", "v1hb"
_SUFFIX = re.compile(r"(\.(constprop|isra|part|cold|llvm|lto_priv|str)(\.\d+)*)+$")
# Kernel addresses of the 64-bit machines begin with at least one byte of ones; the last page is that of error numbers.
_KERNEL, _ERRORS = 0xFF << 56, (1 << 64) - 4096
_ZERO = (opcode.ALU | opcodes.MOV, opcode.ALU64 | opcodes.MOV)
_XOR_REGISTER = opcode.ALU64 | opcode.XOR | opcode.X
_MAPS = (opcodes.PSEUDO_MAP_FD, opcodes.PSEUDO_MAP_VALUE)


class Form:
    """What two loads of a program have in common.

    ``lines`` has one line an instruction. ``calls`` and ``addresses`` hold, by index, what stands in place of a line
    where the targets of calls or the references to maps are not known; ``lost`` says that the latter are not, so that
    ``lines`` is not the form of version 1. ``shapes`` are the maps in the order in which the kernel lists them.
    """

    __slots__ = ("addresses", "calls", "lines", "lost", "shapes")

    def __init__(self, insns: list[Insn], maps: dict[int, Shape], symbols: Symbols) -> None:
        """``maps`` are the maps of the program by id. Raises `KeyError` for one that is missing."""
        self.lines: list[str] = []
        self.calls: dict[int, str] = {}
        self.addresses: dict[int, str] = {}
        self.shapes = list(maps.values())
        self.lost = False
        self._read(insns, maps, symbols)

    def _read(self, insns: list[Insn], maps: dict[int, Shape], symbols: Symbols) -> None:
        plain, places = unblind(insns)
        whole = {insn.slot for insn in insns if insn.code == opcode.WIDE}
        order: dict[int, int] = {}
        seen: dict[tuple[int, int], int] = {}
        for index, insn in enumerate(plain):
            target, callee = decode.target(insn), flow.function_target(insn)
            if target is not None:
                line = _jump(insn, places[target] - index if target in places else None)
            elif callee is not None:
                goal = places[callee] - index if callee in places else "elsewhere"
                line = f"{insn.code:02x} {insn.dst} function {goal}"
            elif insn.code == opcode.WIDE:
                line = f"18 {insn.dst} {_address(insn, maps, order)}"
                if _is_address(insn):
                    number = seen.setdefault(_whose(insn), len(seen))
                    self.addresses[index] = f"18 {insn.dst} address {number}"
                    self.lost = self.lost or bool(maps and insn.slot not in whole)
            elif insn.code & ~opcode.X == opcode.CALL_CODE:
                line = f"85 {insn.src} {_callee(insn, symbols)}"
                self.calls[index] = f"85 {insn.src} *"
            else:
                line = _plain(insn)
            self.lines.append(line)

    def without(self, calls: bool, addresses: bool) -> Iterator[str]:
        """Yield the lines of the form that lacks the targets of calls, or the references to maps, or both."""
        masks = dict(self.calls if calls else {})
        masks.update(self.addresses if addresses else {})
        for index, line in enumerate(self.lines):
            yield masks.get(index, line)
        if addresses:
            yield from (f"map {' '.join(map(str, shape))}" for shape in self.shapes)


def fingerprints(form: Form, hidden: bool = False) -> list[str]:
    """Return the version and the hash of every form that can be made, that with the most in it first.

    ``hidden`` says that the targets of calls are not known.
    """
    found = []
    for name, calls, addresses in (
        (PLAIN, False, False),
        (HIDDEN, True, False),
        (BLINDED, False, True),
        (HIDDEN_BLINDED, True, True),
    ):
        if (calls or not hidden) and (addresses or not form.lost):
            text = "\n".join(form.without(calls, addresses))
            found.append(f"{name}:{hashlib.sha256(text.encode()).hexdigest()}")
    return found


def _jump(insn: Insn, distance: int | None) -> str:
    # gotol has its distance where others have what they compare with
    imm = 0 if insn.code == opcode.GOTO_LONG else insn.imm
    return f"{insn.code:02x} {insn.dst} {insn.src} {imm} -> {'elsewhere' if distance is None else distance}"


def _plain(insn: Insn) -> str:
    # The three ways to clear a register: blinding makes the last out of the first two.
    clears = insn.code in _ZERO and insn.imm == insn.off == 0
    if clears or (insn.code == _XOR_REGISTER and insn.dst == insn.src):
        return f"clear {insn.dst}"
    return f"{insn.code:02x} {insn.dst} {insn.src} {insn.off} {insn.imm}"


def _is_address(insn: Insn) -> bool:
    return insn.src in (*_MAPS, opcodes.PSEUDO_BTF_ID) or _KERNEL <= decode.immediate(insn) < _ERRORS


def _whose(insn: Insn) -> tuple[int, int]:
    """Return what is the same for two loads of the same address, and for no others."""
    return (insn.src if insn.src in _MAPS else 0, decode.immediate(insn))


def _address(insn: Insn, maps: dict[int, Shape], order: dict[int, int]) -> str:
    if insn.src in _MAPS:
        shape = " ".join(map(str, maps[insn.imm]))
        place = f"+{(insn.second or 0) >> 32}" if insn.src == opcodes.PSEUDO_MAP_VALUE else ""
        return f"map {order.setdefault(insn.imm, len(order))} {shape}{place}"
    return "KADDR" if _is_address(insn) else f"{insn.src} {decode.immediate(insn)}"


def _callee(insn: Insn, symbols: Symbols) -> str:
    name = symbols.text(insn.src, 0, insn.imm).rpartition("#")[0]
    return "KADDR" if name.startswith("0x") else _SUFFIX.sub("", name)
