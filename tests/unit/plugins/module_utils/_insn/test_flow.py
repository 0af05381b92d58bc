# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import flow
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.decode import decode
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn


def shape(data: bytes, starts=()) -> list:
    """Return [(start, kind, [([slots], [(target, kind)])])] of a little-endian program."""
    return [
        (
            start,
            kind,
            [([each.slot for each in block.insns], [tuple(edge) for edge in block.edges]) for block in blocks],
        )
        for start, kind, blocks in flow.functions(decode(data, "little"), starts)
    ]


def edges(data: bytes) -> list:
    """Return the edges of the first block of a program of one function."""
    return shape(data)[0][2][0][1]


def test_straight_line():
    assert shape(MOVE + EXIT) == [(0, "main", [([0, 1], [(flow.EXIT, "exit")])])]


def test_branch_falls_through_first():
    data = insn(0x15, 1, off=1) + MOVE + EXIT
    assert shape(data) == [
        (0, "main", [([0], [(1, "fallthrough"), (2, "branch")]), ([1], [(2, "fallthrough")]), ([2], [(-1, "exit")])])
    ]


def test_exit_in_the_middle_does_not_fall_through():
    """bpftool draws an edge to the next block."""
    blocks = shape(insn(0x15, 1, off=1) + EXIT + MOVE + EXIT)[0][2]
    assert blocks[1] == ([1], [(flow.EXIT, "exit")])


@pytest.mark.parametrize(
    ("jump", "expected"),
    [
        (insn(0x05, off=1), [(2, "goto")]),
        # bpftool looks at the offset, the target is in the immediate
        (insn(0x06, off=0, imm=1), [(2, "goto")]),
        (insn(0x1E, 1, 2, 1), [(1, "fallthrough"), (2, "branch")]),
        (insn(0xE5, off=1), [(1, "fallthrough"), (2, "may_goto")]),
        (insn(0xE5, src=1, off=1), [(1, "fallthrough"), (2, "branch")]),
        # bpftool takes it for goto +0
        (insn(0x0D, 1), [(flow.ELSEWHERE, "gotox")]),
        (insn(0x05, off=-1), [(0, "goto")]),
        (insn(0x05, off=99), [(flow.ELSEWHERE, "goto")]),
        (insn(0x15, off=-9), [(1, "fallthrough"), (flow.ELSEWHERE, "branch")]),
    ],
)
def test_where_jumps_go(jump, expected):
    assert edges(jump + MOVE + EXIT) == expected


def test_jump_into_a_wide_load_leads_elsewhere():
    assert edges(insn(0x05, off=1) + insn(0x18) + insn(0) + EXIT) == [(flow.ELSEWHERE, "goto")]


def test_calls_come_back():
    ((_start, _kind, blocks),) = shape(insn(0x85, imm=1) + insn(0x85, imm=-99) + EXIT)
    assert [slots for slots, _edges in blocks] == [[0, 1, 2]]


def test_end_without_exit():
    assert edges(MOVE) == [(flow.ELSEWHERE, "fallthrough")]


@pytest.mark.parametrize(("off", "imm"), [(2, 1), (2, 0), (0, 2), (2, 32)])
def test_called_functions(off, imm):
    """Compiled, hidden, in an object file, interpreted."""
    found = flow.functions(decode(insn(0x85, src=1, off=off, imm=imm) + MOVE + EXIT + MOVE + EXIT, "little"))
    assert [(function.start, function.kind) for function in found] == [(0, "main"), (3, "subprogram")]
    assert found[0].blocks[0].calls == [(0, 3)]


def test_callbacks_are_functions():
    data = insn(0x18, 2, 4, imm=3) + insn(0) + insn(0x85, imm=181) + EXIT + MOVE + EXIT
    assert [(start, kind) for start, kind, _blocks in shape(data)] == [(0, "main"), (4, "callback")]
    assert shape(data, (4,))[1][1] == "callback"


def test_functions_that_only_btf_knows():
    data = MOVE + EXIT + MOVE + EXIT
    assert [(start, kind) for start, kind, _blocks in shape(data, (0, 2, 77))] == [(0, "main"), (2, "subprogram")]


def test_nothing():
    assert flow.functions([]) == []
