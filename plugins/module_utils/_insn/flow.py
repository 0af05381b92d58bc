# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Instructions -> functions, each of basic blocks, with the edges along which a program can really go.

Every instruction is in exactly one block, and every block in exactly one function.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import namedtuple

from .._uapi import opcodes
from . import decode, opcode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from .decode import Insn

# ``start`` is the slot of the first instruction, ``kind`` one of the three below.
Function = namedtuple("Function", "start kind blocks")
MAIN, SUBPROGRAM, CALLBACK = "main", "subprogram", "callback"

# ``edges`` lead from the last instruction, ``calls`` are (slot, start of the function) of all that call or pass one on.
Block = namedtuple("Block", "insns edges calls")

# ``target`` is the slot where a block starts, or one of the two below.
Edge = namedtuple("Edge", "target kind")
FALLTHROUGH, BRANCH, GOTO, MAY_GOTO, RETURN, INDIRECT = "fallthrough", "branch", "goto", "may_goto", "exit", "gotox"
# The end of the function; a place that the instruction does not tell (gotox), or that no instruction begins at.
EXIT, ELSEWHERE = -1, -2

_JUMPS = (opcode.JMP, opcode.JMP32)


def functions(insns: list[Insn], starts: Iterable[int] = ()) -> list[Function]:
    """Return the functions of a program; ``starts`` are the slots at which BTF says that there begins one (func_info).

    Calls say it as well, but in 16 bits: one over more than 32767 slots leads nowhere.
    """
    if not insns:
        return []
    places = {insn.slot for insn in insns}
    kinds = {start: SUBPROGRAM for start in starts if start in places}
    for insn in insns:
        callee = function_target(insn)
        if callee is not None and callee in places:
            kinds[callee] = CALLBACK if insn.code == opcode.WIDE else kinds.get(callee, SUBPROGRAM)
    kinds[insns[0].slot] = MAIN
    blocks = _blocks(insns, places, set(kinds))
    order = sorted(kinds)
    found = {start: Function(start, kinds[start], []) for start in order}
    for block in blocks:
        found[order[bisect_right(order, block.insns[0].slot) - 1]].blocks.append(block)
    return [found[start] for start in order]


def function_target(insn: Insn) -> int | None:
    """Return the slot of the function of the program that an instruction calls, or whose address it loads."""
    if insn.code == opcode.WIDE and insn.src == opcodes.PSEUDO_FUNC:
        return insn.slot + 1 + insn.imm
    if insn.code & ~opcode.X == opcode.CALL_CODE and insn.src == opcodes.PSEUDO_CALL:
        # The kernel keeps the distance in the offset; in an object file it still is the immediate.
        return insn.slot + 1 + (insn.off or insn.imm)
    return None


def _blocks(insns: list[Insn], places: set[int], heads: set[int]) -> list[Block]:
    """Cut a program into blocks, at its functions (``heads``), at the targets of jumps and behind them."""
    heads = heads.union(target for target in map(decode.target, insns) if target is not None)
    found: list[list[Insn]] = []
    ended = True
    for insn in insns:
        if ended or insn.slot in heads:
            found.append([])
        found[-1].append(insn)
        ended = _ends(insn)
    following = [group[0].slot for group in found[1:]] + [EXIT]
    return [
        Block(group, _edges(group[-1], after, places), _calls(group, places)) for group, after in zip(found, following)
    ]


def _ends(insn: Insn) -> bool:
    """Return whether an instruction ends its block: jumps and exits do, calls come back."""
    return insn.code & opcode.CLASS_MASK in _JUMPS and insn.code & opcode.OP_MASK != opcodes.CALL and not _is_odd(insn)


def _is_odd(insn: Insn) -> bool:
    """Return whether an instruction of the jump classes has no meaning: nothing is known to go from it."""
    return insn.code & opcode.CLASS_MASK == opcode.JMP32 and insn.code & opcode.OP_MASK == opcodes.EXIT


def _edges(insn: Insn, following: int, places: set[int]) -> list[Edge]:
    fallthrough = Edge(following if following != EXIT else ELSEWHERE, FALLTHROUGH)
    if not _ends(insn):
        return [fallthrough]
    if insn.code & opcode.OP_MASK == opcodes.EXIT:
        return [Edge(EXIT, RETURN)]
    if insn.code == opcode.GOTO_REGISTER:
        return [Edge(ELSEWHERE, INDIRECT)]
    target = decode.target(insn)
    if target not in places:
        target = ELSEWHERE
    if insn.code & opcode.OP_MASK == opcode.JA:
        return [Edge(target, GOTO)]
    may = insn.code == opcode.MAY_GOTO and insn.src == opcodes.MAY_GOTO
    return [fallthrough, Edge(target, MAY_GOTO if may else BRANCH)]


def _calls(insns: list[Insn], places: set[int]) -> list[tuple[int, int]]:
    pairs = [(insn.slot, function_target(insn)) for insn in insns]
    return [(slot, callee) for slot, callee in pairs if callee is not None and callee in places]
