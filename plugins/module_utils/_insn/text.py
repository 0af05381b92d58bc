# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""One instruction -> its text, character by character as the kernel and bpftool print it.

Text is made of numbers, not of instruction objects: a table has one function for each of the 256 opcodes, which knows
all that the opcode decides, and a `Texts` remembers what it has made, since programs repeat themselves.
"""

from __future__ import annotations

from .._uapi import opcodes
from . import opcode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from .calls import Symbols

    Printer = Callable[[int, int, int, int], str]

_CALLS = frozenset(opcodes.CALL | source | kind for source in (0, opcode.X) for kind in (opcode.JMP, opcode.JMP32))
_DIVISIONS = (opcode.DIV, opcode.MOD)


def _arithmetic(code: int, head: str) -> Printer:
    narrow = code & opcode.CLASS_MASK == opcode.ALU
    operation = code & opcode.OP_MASK
    register = "w" if narrow else "r"
    if operation == opcodes.END:
        swap = "bswap" if not narrow else "be" if code & opcodes.TO_BE else "le"
        return lambda dst, src, off, imm: f"{head}r{dst} = {swap}{imm} r{dst}"
    if operation == opcode.NEG:
        return lambda dst, src, off, imm: f"{head}{register}{dst} = -{register}{dst}"
    if operation == opcodes.MOV and code & opcode.X:
        return _move(code, head, register)
    sign = opcode.ARITHMETIC[operation >> 4]
    # Signed division came with 6.6, as an offset that had to be zero before.
    signed = "s" if operation in _DIVISIONS else ""
    if code & opcode.X:
        return lambda dst, src, off, imm: f"{head}{register}{dst} {signed * (off == 1)}{sign} {register}{src}"
    return lambda dst, src, off, imm: f"{head}{register}{dst} {signed * (off == 1)}{sign} {imm}"


def _move(code: int, head: str, register: str) -> Printer:
    def move(dst: int, src: int, off: int, imm: int) -> str:
        if off in opcode.SIGN_EXTENDED:
            return f"{head}{register}{dst} = (s{off}){register}{src}"
        if code == opcode.MOV_REGISTER and off == opcodes.ADDR_SPACE_CAST:
            return f"{head}r{dst} = addr_space_cast(r{src}, {imm >> 16 & 0xFFFF}, {imm & 0xFFFF})"
        if code == opcode.MOV_REGISTER and off == opcode.PERCPU:
            return f"{head}r{dst} = &(void __percpu *)(r{src})"
        return f"{head}{register}{dst} = {register}{src}"

    return move


def _load(code: int, head: str) -> Printer:
    mode = code & opcode.MODE_MASK
    if mode not in (opcode.MEM, opcodes.MODE_MEMSX):
        return lambda dst, src, off, imm: f"BUG_ldx_{code:02x}"
    size = ("u" if mode == opcode.MEM else "s") + opcode.SIZES[code & opcode.SIZE_MASK]
    return lambda dst, src, off, imm: f"{head}r{dst} = *({size} *)(r{src} {off:+d})"


def _store_immediate(code: int, head: str) -> Printer:
    mode, size = code & opcode.MODE_MASK, opcode.SIZES[code & opcode.SIZE_MASK]
    if mode == opcode.MEM:
        return lambda dst, src, off, imm: f"{head}*(u{size} *)(r{dst} {off:+d}) = {imm}"
    if mode == opcode.NOSPEC:
        return lambda dst, src, off, imm: f"{head}nospec"
    return lambda dst, src, off, imm: f"BUG_st_{code:02x}"


def _store(code: int, head: str) -> Printer:
    mode, size = code & opcode.MODE_MASK, opcode.SIZES[code & opcode.SIZE_MASK]
    if mode == opcode.MEM:
        return lambda dst, src, off, imm: f"{head}*(u{size} *)(r{dst} {off:+d}) = r{src}"
    if mode == opcodes.MODE_ATOMIC:
        return _atomic(code, head, size)
    return lambda dst, src, off, imm: f"BUG_{code:02x}"


def _atomic(code: int, head: str, size: str) -> Printer:
    name = "atomic64" if size == "64" else "atomic"

    def atomic(dst: int, src: int, off: int, imm: int) -> str:
        place = f"(u{size} *)(r{dst} {off:+d})"
        if imm in opcode.FETCHING:
            return f"{head}lock *{place} {opcode.ARITHMETIC[imm >> 4]} r{src}"
        if imm & opcodes.FETCH and imm ^ opcodes.FETCH in opcode.FETCHING:
            return f"{head}r{src} = {name}_fetch_{opcode.FETCHING[imm ^ opcodes.FETCH]}({place}, r{src})"
        if imm == opcodes.CMPXCHG:
            return f"{head}r0 = {name}_cmpxchg({place}, r0, r{src})"
        if imm == opcodes.XCHG:
            return f"{head}r{src} = {name}_xchg({place}, r{src})"
        if imm == opcodes.LOAD_ACQ:
            return f"{head}r{dst} = load_acquire((u{size} *)(r{src} {off:+d}))"
        if imm == opcodes.STORE_REL:
            return f"{head}store_release({place}, r{src})"
        return f"BUG_{code:02x}"

    return atomic


def _packet(code: int, head: str) -> Printer:
    mode, size = code & opcode.MODE_MASK, opcode.SIZES[code & opcode.SIZE_MASK]
    if mode == opcode.ABS:
        return lambda dst, src, off, imm: f"{head}r0 = *(u{size} *)skb[{imm}]"
    if mode == opcode.IND:
        return lambda dst, src, off, imm: f"{head}r0 = *(u{size} *)skb[r{src} + {imm}]"
    return lambda dst, src, off, imm: f"BUG_ld_{code:02x}"


def _jump(code: int, head: str) -> Printer:
    register = "w" if code & opcode.CLASS_MASK == opcode.JMP32 else "r"
    if code == opcode.GOTO:
        return lambda dst, src, off, imm: f"{head}goto pc{off:+d}"
    if code == opcode.GOTO_REGISTER:
        return lambda dst, src, off, imm: f"{head}gotox r{dst}"
    if code == opcode.GOTO_LONG:
        return lambda dst, src, off, imm: f"{head}gotol pc{imm:+d}"
    if code == opcode.EXIT_CODE:
        return lambda dst, src, off, imm: f"{head}exit"
    sign = opcode.COMPARISON[code >> 4]
    if code & opcode.X:
        return lambda dst, src, off, imm: f"{head}if {register}{dst} {sign} {register}{src} goto pc{off:+d}"

    def compare(dst: int, src: int, off: int, imm: int) -> str:
        if code == opcode.MAY_GOTO and src == opcodes.MAY_GOTO:
            return f"{head}may_goto pc{off:+d}"
        return f"{head}if {register}{dst} {sign} 0x{imm & 0xFFFFFFFF:x} goto pc{off:+d}"

    return compare


_MAKERS = {
    opcode.ALU: _arithmetic,
    opcode.ALU64: _arithmetic,
    opcode.LD: _packet,
    opcode.LDX: _load,
    opcode.ST: _store_immediate,
    opcode.STX: _store,
    opcode.JMP: _jump,
    opcode.JMP32: _jump,
}
_PRINTERS = [_MAKERS[code & opcode.CLASS_MASK](code, f"({code:02x}) ") for code in range(256)]


class Texts(dict):
    """Slot as a number (slots.py) -> text of the instruction, made when it is asked for.

    ``symbols`` names what calls go to. A load of two slots is `wide`'s.
    """

    def __init__(self, symbols: Symbols) -> None:
        super().__init__()
        self._symbols = symbols

    def __missing__(self, word: int) -> str:
        code = word & 0xFF
        off, imm = word >> 16 & 0xFFFF, word >> 32
        off -= (off & 0x8000) << 1
        imm -= (imm & 0x80000000) << 1
        if code in _CALLS:
            text = f"({code:02x}) call " + self._symbols.text(word >> 12 & 15, off, imm)
        else:
            text = _PRINTERS[code](word >> 8 & 15, word >> 12 & 15, off, imm)
        self[word] = text
        return text


def wide(word: int, second: int) -> str:
    """Return the text of a load of two slots: of an address, a map, a function or a number of 64 bits."""
    dst, source = word >> 8 & 15, word >> 12 & 15
    imm, high = word >> 32, second >> 32
    if source == opcodes.PSEUDO_MAP_FD:
        value = f"map[id:{imm}]"
    elif source == opcodes.PSEUDO_MAP_VALUE:
        value = f"map[id:{imm}][0]+{high}"
    elif source == opcodes.PSEUDO_MAP_IDX_VALUE:
        value = f"map[idx:{imm}]+{high}"
    elif source == opcodes.PSEUDO_FUNC:
        value = f"subprog[{imm - ((imm & 0x80000000) << 1):+d}]"
    else:
        value = f"0x{high << 32 | imm:x}"
    return f"(18) r{dst} = {value}"
