# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The opcodes of classic BPF that eBPF kept, and the operators that the kernel prints for them.

The numbers of classic BPF are older than bpf(2) (``linux/bpf_common.h``); what eBPF added is in ``_uapi/opcodes.py``.
"""

from __future__ import annotations

from .._uapi import opcodes

# The low three bits of an opcode.
CLASS_MASK = 0x07
LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)
CLASSES = ("ld", "ldx", "st", "stx", "alu", "jmp", "jmp32", "alu64")

# Of loads and stores: size and mode.
SIZE_MASK, MODE_MASK = 0x18, 0xE0
SIZES = {0x00: "32", 0x08: "16", 0x10: "8", opcodes.SIZE_DW: "64"}
IMM, ABS, IND, MEM = 0x00, 0x20, 0x40, 0x60
# Stops speculation (BPF_NOSPEC); only the verifier writes it.
NOSPEC = 0xC0

# Of arithmetic and jumps: where the operand is, and what is done with it.
X = 0x08
OP_MASK = 0xF0
ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, NEG, MOD, XOR = range(0x00, 0xB0, 0x10)
JA, JEQ, JGT, JGE, JSET = range(0x00, 0x50, 0x10)

# Whole opcodes that have a meaning of their own.
WIDE = LD | IMM | opcodes.SIZE_DW
EXIT_CODE = JMP | opcodes.EXIT
CALL_CODE = JMP | opcodes.CALL
GOTO = JMP | JA
GOTO_REGISTER = JMP | JA | X
GOTO_LONG = JMP32 | JA
MAY_GOTO = JMP | opcodes.JCOND
MOV_REGISTER = ALU64 | opcodes.MOV | X

# In the place of an offset of MOV_REGISTER: adds the base of the per-CPU area. Only the verifier writes it.
PERCPU = -1
SIGN_EXTENDED = (8, 16, 32)

# The kernel has no operator for the last two, and prints what its printf makes of that.
_NO_NAME = "(null)"
ARITHMETIC = (
    *("+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "neg", "%=", "^=", "=", "s>>=", "endian"),
    *(_NO_NAME, _NO_NAME),
)
COMPARISON = (
    *("jmp", "==", ">", ">=", "&", "!=", "s>", "s>=", "call", "exit", "<", "<=", "s<", "s<="),
    *(_NO_NAME, _NO_NAME),
)
# Atomic operations that have a form with and without the old value (``FETCH``).
FETCHING = {ADD: "add", OR: "or", AND: "and", XOR: "xor"}
