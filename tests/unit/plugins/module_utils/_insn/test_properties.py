# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties: whatever the bytes are, nothing is raised and nothing is lost."""

from __future__ import annotations

import pytest

pytest.importorskip("hypothesis", reason="hypothesis is not installed")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import decode, dot, flow, slots
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols, called
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.listing import Listing

ORDERS = st.sampled_from(["little", "big"])
# Whole programs of likely opcodes too: purely random bytes seldom have a wide load or a jump that hits.
CODES = st.sampled_from([0x05, 0x06, 0x0D, 0x15, 0x18, 0x85, 0x95, 0xB7, 0xBF, 0xE5])
SLOT = st.builds(
    lambda code, registers, off, imm: bytes((code, registers, off, 0, imm, 0, 0, 0)),
    CODES,
    st.integers(0, 255),
    st.integers(0, 20),
    st.integers(0, 20),
)
PROGRAMS = st.one_of(st.binary(max_size=400), st.lists(SLOT, max_size=40).map(b"".join))


@given(PROGRAMS, ORDERS)
def test_decode_and_encode(data, order):
    whole = data[: len(data) // 8 * 8]
    insns = decode.decode(data, order)
    assert decode.encode(insns, order) == whole
    assert sum(1 if insn.second is None else 2 for insn in insns) == len(whole) // 8
    assert all(decode.target(insn) is None or isinstance(decode.target(insn), int) for insn in insns)


@given(PROGRAMS, ORDERS, st.booleans())
def test_every_instruction_has_a_line(data, order, opcodes):
    found = Listing(data, Symbols(base=1 << 40, functions=[1, 2], count=2), order)
    slots_of = [insn.slot for insn in decode.decode(data, order)]
    lines = found.text(opcodes=opcodes).splitlines()
    assert [int(line.partition(":")[0]) for line in lines[:: 1 + opcodes]] == slots_of == found.slots
    assert [record["insn"] for record in found.records(opcodes=opcodes)] == slots_of


@given(PROGRAMS, ORDERS)
def test_names_to_look_up(data, order):
    assert all(0 <= address < 1 << 64 for address in called(slots.little(data, order), Symbols(base=1 << 40)))


@given(PROGRAMS, ORDERS, st.sets(st.integers(-1, 60), max_size=5))
def test_every_instruction_is_in_exactly_one_block(data, order, starts):
    insns = decode.decode(data, order)
    blocks = [block for function in flow.functions(insns, starts) for block in function.blocks]
    assert [insn for block in blocks for insn in block.insns] == insns
    heads = {block.insns[0].slot for block in blocks}
    edges = [edge for block in blocks for edge in block.edges]
    assert all(edge.target in heads or edge.target in (flow.EXIT, flow.ELSEWHERE) for edge in edges)
    # every target of a jump heads a block, so that no jump goes into the middle of one
    targets = {decode.target(insn) for insn in insns} & {insn.slot for insn in insns}
    assert targets <= heads


@given(PROGRAMS, ORDERS)
def test_whatever_it_is_it_can_be_drawn(data, order):
    insns = decode.decode(data, order)
    lines = {insn.slot: f"{insn.slot}\n" for insn in insns}
    text = dot.graph(flow.functions(insns), lines, {}, "")
    assert text.startswith("digraph") and text.endswith("}\n")
