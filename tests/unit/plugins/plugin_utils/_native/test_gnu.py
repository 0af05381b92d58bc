# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The expected texts are those of objdump; the kernel suite compares with it what the compiler of the host makes."""

from __future__ import annotations

import pytest

pytest.importorskip("capstone", reason="capstone is not installed")

from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.disassemble import disassemble

# What bpftool prog dump jited prints in the BPF guide, with its bytes.
GUIDE = [
    ("55", "push   %rbp"),
    ("48 89 e5", "mov    %rsp,%rbp"),
    ("48 81 ec 28 02 00 00", "sub    $0x228,%rsp"),
    ("48 83 ed 28", "sub    $0x28,%rbp"),
    ("48 89 5d 00", "mov    %rbx,0x0(%rbp)"),
    ("4c 89 6d 08", "mov    %r13,0x8(%rbp)"),
    ("4c 89 75 10", "mov    %r14,0x10(%rbp)"),
    ("4c 89 7d 18", "mov    %r15,0x18(%rbp)"),
    ("31 c0", "xor    %eax,%eax"),
    ("48 89 45 20", "mov    %rax,0x20(%rbp)"),
    ("44 8b 8f 80 00 00 00", "mov    0x80(%rdi),%r9d"),
]


def texts(code: str, machine: str = "x86_64") -> list[str]:
    return [insn["text"] for insn in disassemble(bytes.fromhex(code), machine)]


def test_the_listing_of_the_guide() -> None:
    found = disassemble(bytes.fromhex("".join(piece for piece, _text in GUIDE)), "x86_64")
    assert [(insn["bytes"], insn["text"]) for insn in found] == GUIDE
    assert [insn["offset"] for insn in found] == [0x0, 0x1, 0x4, 0xB, 0xF, 0x13, 0x17, 0x1B, 0x1F, 0x21, 0x25]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        # the letter of the size stays where no register tells the size
        ("48 83 00 01", "addq   $0x1,(%rax)"),
        ("c7 45 f8 09 00 00 00", "movl   $0x9,-0x8(%rbp)"),
        ("66 c7 45 f8 09 00", "movw   $0x9,-0x8(%rbp)"),
        ("66 89 7d f0", "mov    %di,-0x10(%rbp)"),
        ("40 88 7d f0", "mov    %dil,-0x10(%rbp)"),
        ("d3 20", "shll   %cl,(%rax)"),
        ("d3 e0", "shl    %cl,%eax"),
        ("ff 30", "pushq  (%rax)"),
        ("41 5e", "pop    %r14"),
        ("49 0f cd", "bswap  %r13"),
        ("48 0f 44 c1", "cmove  %rcx,%rax"),
        ("c4 42 89 f7 ed", "shlx   %r14,%r13,%r13"),
        # it is a part of the name
        ("48 0f b6 c0", "movzbq %al,%rax"),
        ("49 63 f5", "movslq %r13d,%rsi"),
        ("0f 94 c0", "sete   %al"),
        ("48 98", "cltq"),
        ("99", "cltd"),
        # numbers have 0x, and as many bits as their operation
        ("48 83 f8 ff", "cmp    $0xffffffffffffffff,%rax"),
        ("83 f8 ff", "cmp    $0xffffffff,%eax"),
        ("66 83 f8 ff", "cmp    $0xffff,%ax"),
        ("80 f8 ff", "cmp    $0xff,%al"),
        ("48 be 00 e0 16 00 00 c9 ff ff", "movabs $0xffffc9000016e000,%rsi"),
        ("6b d2 03", "imul   $0x3,%edx,%edx"),
        # distances that are zero are shown where they take a byte, and one is the factor that nobody wrote
        ("8b 7f 00", "mov    0x0(%rdi),%edi"),
        ("8b 3f", "mov    (%rdi),%edi"),
        ("0f 1f 44 00 00", "nopl   0x0(%rax,%rax,1)"),
        ("0f 1f 80 00 00 00 00", "nopl   0x0(%rax)"),
        ("ff 24 85 00 00 00 00", "jmpq   *0x0(,%rax,4)"),
        ("48 8d 04 25 00 00 00 00", "lea    0x0,%rax"),
        ("48 8b 04 25 f0 ff ff ff", "mov    0xfffffffffffffff0,%rax"),
        ("65 48 8b 04 25 28 00 00 00", "mov    %gs:0x28,%rax"),
        # there are two instructions that shift by one
        ("d1 e0", "shl    %eax"),
        ("c1 e0 01", "shl    $0x1,%eax"),
        ("48 d1 28", "shrq   (%rax)"),
        ("66 90", "xchg   %ax,%ax"),
        ("90", "nop"),
        ("f3 90", "pause"),
        ("f0 01 7d f0", "lock add %edi,-0x10(%rbp)"),
        ("f0 48 0f b1 0b", "lock cmpxchg %rcx,(%rbx)"),
        ("f3 0f 1e fa", "endbr64"),
        # where a jump goes to
        ("75 16", "jne    0x0000000000000018"),
        ("eb fe", "jmp    0x0000000000000000"),
        ("e8 1d 94 ff e0", "callq  0xffffffffe0ff9422"),
        ("ff d0", "callq  *%rax"),
        ("ff e0", "jmpq   *%rax"),
        ("3e ff e0", "notrack jmpq *%rax"),
        ("c9", "leaveq"),
        ("c3", "retq"),
        ("06", ".byte 0x06"),
    ],
)
def test_instructions(code: str, text: str) -> None:
    assert texts(code) == [text]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("55", "push   %ebp"),
        ("8b 45 08", "mov    0x8(%ebp),%eax"),
        ("83 f8 ff", "cmp    $0xffffffff,%eax"),
        ("e8 00 01 00 00", "call   0x00000105"),
        ("74 02", "je     0x00000004"),
        ("ff e2", "jmp    *%edx"),
        ("6a 08", "push   $0x8"),
        ("a1 f0 ff ff ff", "mov    0xfffffff0,%eax"),
        ("c9", "leave"),
        ("c3", "ret"),
    ],
)
def test_instructions_of_32_bits(code: str, text: str) -> None:
    assert texts(code, "i686") == [text]
