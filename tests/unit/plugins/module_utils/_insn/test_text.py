# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import slots, text
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import golden, insn

GOLDEN = golden()


def shown(data: bytes) -> str:
    words = slots.numbers(data)
    return text.wide(*words) if len(words) == 2 else text.Texts(Symbols(base=0x1000, count=1))[words[0]]


def test_every_opcode_is_printed_as_the_kernel_does():
    assert [shown(data) for data, _line in GOLDEN] == [line for _data, line in GOLDEN]
    assert {data[0] for data, _line in GOLDEN} == set(range(256))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((0xBF, 1, 6), "(bf) r1 = r6"),
        ((0x37, 1, 0, 1, 5), "(37) r1 s/= 5"),
        ((0x9F, 1, 2, 1), "(9f) r1 s%= r2"),
        ((0xBC, 1, 2, 16), "(bc) w1 = (s16)w2"),
        ((0xBF, 1, 2, 1, 0x10000), "(bf) r1 = addr_space_cast(r2, 1, 0)"),
        ((0xBF, 1, 2, -1), "(bf) r1 = &(void __percpu *)(r2)"),
        ((0xDC, 1, 0, 0, 32), "(dc) r1 = be32 r1"),
        ((0xD7, 1, 0, 0, 16), "(d7) r1 = bswap16 r1"),
        ((0x81, 1, 2, 4), "(81) r1 = *(s32 *)(r2 +4)"),
        ((0xC2,), "(c2) nospec"),
        ((0xDB, 1, 2, 4, 0xF1), "(db) r0 = atomic64_cmpxchg((u64 *)(r1 +4), r0, r2)"),
        ((0xD3, 1, 2, 4, 0x110), "(d3) store_release((u8 *)(r1 +4), r2)"),
        ((0x28, 0, 0, 0, 14), "(28) r0 = *(u16 *)skb[14]"),
        ((0x40, 0, 3, 0, 14), "(40) r0 = *(u32 *)skb[r3 + 14]"),
        ((0x65, 1, 0, 2, -1), "(65) if r1 s> 0xffffffff goto pc+2"),
        ((0x06, 0, 0, 0, -3), "(06) gotol pc-3"),
        ((0xE5, 0, 0, 3), "(e5) may_goto pc+3"),
        ((0x0D, 1), "(0d) gotox r1"),
    ],
)
def test_instructions_that_came_later(fields, expected):
    assert shown(insn(*fields)) == expected


@pytest.mark.parametrize(
    ("source", "imm", "high", "expected"),
    [
        (0, -1, 1, "0x1ffffffff"),
        (1, 18, 0, "map[id:18]"),
        (2, 5, 8, "map[id:5][0]+8"),
        (6, 1, 4, "map[idx:1]+4"),
        (4, 7, 0, "subprog[+7]"),
        (3, 16, -1, "0xffffffff00000010"),
    ],
)
def test_sources_of_wide_loads(source, imm, high, expected):
    assert shown(insn(0x18, 1, source, 0, imm) + insn(0, imm=high)) == f"(18) r1 = {expected}"


def test_a_text_is_made_once():
    texts = text.Texts(Symbols())
    word = slots.numbers(insn(0x95))[0]
    assert texts[word] is texts[word] and len(texts) == 1
