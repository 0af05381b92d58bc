# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import stored
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import golden


@pytest.mark.parametrize("order", ["little", "big"])
@given(data=st.binary(max_size=160))
def test_every_program_has_a_listing_and_a_graph(order: str, data: bytes) -> None:
    data = data[: len(data) // 8 * 8]
    text = stored.instructions(data, order, "text", False)
    records = stored.instructions(data, order, "records", False)
    graph = stored.graph(data, order, False, "t")
    assert len(text.splitlines()) == len(records)
    # every instruction stands in one block
    assert graph.count("\\l") == len(records)


def test_texts_are_the_kernels() -> None:
    for data, text in golden():
        if len(data) % 8 == 0 and "call" not in text:
            assert stored.instructions(data, "little", "records", False)[0]["disasm"] == text


def test_choices() -> None:
    assert (stored.order("big"), stored.choose("a", ("a", "b"))) == ("big", "a")
    with pytest.raises(FleetError, match="format is one of a, b, not 'c'"):
        stored.choose("c", ("a", "b"))


@pytest.mark.parametrize(("address", "several"), [(None, False), (16, False)])
def test_machine_code(address: int | None, several: bool) -> None:
    code, found = stored.machine_code(b"\xc3", "x86_64", address, None, None)
    assert (code.text(), found) == (f"{'unknown' if address is None else '0x10'}:\n   0:\tretq\n", several)
