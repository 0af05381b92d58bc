# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols, called, function_slots
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn

BASE = 0xFFFFFFFF81000000


@pytest.mark.parametrize(
    ("symbols", "call", "expected"),
    [
        (Symbols(), (0, 0, 1), "bpf_map_lookup_elem#1"),
        (Symbols(), (0, 0, 12), "bpf_tail_call#12"),
        # what the kernel hides is helper 0
        (Symbols(), (0, 0, 0), "bpf_unspec#0"),
        (Symbols(BASE, {BASE - 61360: "bpf_trace_printk"}), (0, 0, -61360), "bpf_trace_printk#-61360"),
        (Symbols(BASE, {BASE + 77408: "__htab_map_lookup_elem"}), (0, 0, 77408), "__htab_map_lookup_elem#77408"),
        (Symbols(BASE), (0, 0, 77408), "0xffffffff81012e60#77408"),
        (Symbols(), (0, 0, -1), "0xffffffffffffffff#-1"),
        # functions of the program: interpreted, compiled, without a symbol, hidden
        (Symbols(), (1, 2, 0), "pc+2"),
        (Symbols(BASE, {0x11: "bpf_prog_3b185187f1855c4c_F"}, [0x10, 0x11], 2), (1, 2, 1),
         "pc+2#bpf_prog_3b185187f1855c4c_F"),
        (Symbols(BASE, {}, [0x10, 0x11], 2), (1, -5, 1), "pc-5#0x11"),
        (Symbols(BASE, {}, [0x10], 1), (1, 2, 1), "pc+2#0xffffffff81000001"),
        (Symbols(0, {}, [], 3), (1, 127, 0), "pc+127#0x0"),
        (Symbols(BASE, {BASE + 32: "__bpf_prog_run_args32"}, [0x10], 1), (1, 2, 32), "pc+2#__bpf_prog_run_args32"),
        # kernel functions
        (Symbols(BASE, {BASE + 5: "bpf_task_acquire"}), (2, 0, 5), "bpf_task_acquire#5"),
    ],
)  # fmt: skip
def test_what_stands_behind_call(symbols, call, expected):
    assert symbols.text(*call) == expected


def test_only_what_needs_a_name_is_looked_up():
    data = b"".join(
        (
            insn(0x85, imm=1),
            insn(0x85, imm=330864),
            insn(0x85, imm=-3),
            insn(0x85, src=1, off=9, imm=1),
            insn(0x8D, src=2, imm=16),
            MOVE,
            EXIT,
        )
    )
    symbols = Symbols(BASE, functions=[0x10, 0x11], count=2)
    assert called(data, symbols) == {BASE + 330864, BASE - 3, 0x11, BASE + 16}
    assert called(MOVE + EXIT, symbols) == set()


def test_where_functions_begin():
    pointer = insn(0x18, 2, 4, imm=2) + insn(0)
    data = pointer + insn(0x85, src=1, off=1) + EXIT + MOVE + EXIT
    # the pointer leads to slot 3, the call to slot 4
    assert function_slots(data) == [0, 3, 4]
    assert function_slots(insn(0x85, src=1, imm=1) + EXIT + EXIT) == [0, 2]
    assert function_slots(insn(0x85, imm=1) + insn(0x18, 2, 1, imm=1) + insn(0) + EXIT) == [0]
    assert function_slots(insn(0x85, src=1, off=9) + EXIT + insn(0x85, src=1, off=-9)) == [0]
    assert function_slots(b"") == []
