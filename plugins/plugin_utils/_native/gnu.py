# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Instructions of x86 in the AT&T syntax of capstone -> the text of GNU binutils, which bpf_jit_disasm prints.

The form is that of binutils until 2.36, as in the guides about BPF: C(callq), C(retq) and C(leaveq), and where a jump
goes to in 16 digits. Instructions that no JIT compiler makes may keep the words of capstone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

_SHIFTS = ("shl", "shr", "sal", "sar", "rol", "ror", "rcl", "rcr")
_CONDITIONS = ("o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g")
# What loses the letter of its size where a register tells it.
_SIZED = frozenset(
    (
        *(
            "adc",
            "add",
            "and",
            "andn",
            "bsf",
            "bsr",
            "bswap",
            "bt",
            "btc",
            "btr",
            "bts",
            "cmp",
            "cmpxchg",
            "dec",
            "div",
        ),
        *("idiv", "imul", "inc", "lea", "lzcnt", "mov", "movabs", "movbe", "mul", "mulx", "neg", "not", "or", "pop"),
        *("popcnt", "push", "rorx", "sarx", "sbb", "shld", "shlx", "shrd", "shrx", "sub", "test", "tzcnt", "xadd"),
        *("xchg", "xor", *_SHIFTS, *(f"cmov{condition}" for condition in _CONDITIONS)),
    )
)
_BITS = {"b": 8, "w": 16, "l": 32, "q": 64}
# In 32 bits nothing else is pushed or called.
_ONE_SIZE = {"calll": "call", "jmpl": "jmp", "retl": "ret", "pushl": "push", "popl": "pop"}
_COLUMN = 6
_OPERAND = re.compile(r"(?:[^,(]|\([^)]*\))+")
_MEMORY = re.compile(r"(\*?(?:%\w+:)?)(-?\w*)\((.*)\)")
_NO_DISTANCE = re.compile(r"(?:^|[ *:])\(")
_NUMBER = re.compile(r"(\*?(?:%\w+:)?\$?)(-?(?:0x)?[0-9a-f]+)")
_BRANCH = re.compile(r"call[lq]?|j\w+")
# Shifts by one that have no byte for it, behind prefixes; there are others that have one.
_BY_ONE = re.compile(rb"[\x26\x2e\x36\x3e\x64-\x67\xf0\xf2\xf3]*[\x40-\x4f]?[\xd0\xd1]")


def text(mnemonic: str, operands: str, code: bytes, displaced: Callable[[bytes], bool], wide: bool = True) -> str:
    """The text of the instruction C(code); C(wide) is that of 64 bits.

    C(displaced) tells whether a place in memory has a distance in the bytes of an instruction. It is asked only where
    capstone shows none.
    """
    if code == b"\x66\x90":
        return "xchg   %ax,%ax"
    zero = _NO_DISTANCE.search(operands) is not None and displaced(code)
    by_one = operands.startswith("$1,") and _BY_ONE.match(code) is not None
    return _text(mnemonic, operands, zero, by_one, wide)


@functools.lru_cache(maxsize=1 << 15)
def _text(mnemonic, operands, zero, by_one, wide):
    prefix, _blank, name = mnemonic.strip().rpartition(" ")
    parts = [part.strip() for part in _OPERAND.findall(operands)]
    if _BRANCH.fullmatch(name) and len(parts) == 1 and _NUMBER.fullmatch(parts[0]) and parts[0][0] not in "*$%":
        shown = [f"0x{int(parts[0], 0):0{16 if wide else 8}x}"]
    else:
        bits = _BITS.get(name[-1], 64)
        shown = [_operand(part, bits, zero, wide) for part in parts]
    if by_one and name[:-1] in _SHIFTS:
        shown = shown[-1:]
    if name[:-1] in _SIZED and _is_told(name[:-1], shown):
        name = name[:-1]
    elif wide:
        name = {"leave": "leaveq"}.get(name, name)
    else:
        name = _ONE_SIZE.get(name, name)
    whole = f"{prefix} {name}" if prefix else name
    return f"{whole:<{_COLUMN}} {','.join(shown)}" if shown else whole


def _is_told(name, operands):
    """Whether a register tells the size: %cl as the number of bits to shift by does not."""
    telling = operands[-1:] if name in _SHIFTS else operands
    return any(operand.startswith("%") and operand[1:].isalnum() for operand in telling)


def _operand(operand, bits, zero, wide):
    memory = _MEMORY.fullmatch(operand)
    if memory:
        head, distance, registers = memory.groups()
        if distance:
            distance = f"{int(distance, 0):#x}"
        elif zero:
            distance = "0x0"
        registers = registers.replace(" ", "")
        if registers.count(",") == 1:
            registers += ",1"
        return f"{head}{distance}({registers})"
    number = _NUMBER.fullmatch(operand)
    if number is None:
        return operand
    size = bits if number[1].endswith("$") else 64 if wide else 32
    return f"{number[1]}{int(number[2], 0) & (1 << size) - 1:#x}"
