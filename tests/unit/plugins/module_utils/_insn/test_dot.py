# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import dot, flow
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.decode import decode
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.listing import Listing
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, golden, insn

GRAPHVIZ = shutil.which("dot")
CALLS = insn(0x18, 2, 4, imm=5) + insn(0) + insn(0x85, src=1, off=5) + insn(0x15, 1, off=1) + MOVE + EXIT
PROGRAM = CALLS + MOVE + EXIT + insn(0x0D, 1) + insn(0x05, off=99)


NODE = re.compile(r'^ +"(\S+)" \[(?:shape|label)', flags=re.M)


def drawn(data: bytes, names=None, title="t") -> str:
    listing = Listing(data, Symbols(), "little")
    lines = {slot: f"{slot}: {text}\n" for slot, text in zip(listing.slots, listing.texts)}
    return dot.graph(flow.functions(decode(data, "little")), lines, names or {}, title)


def test_graph():
    assert (
        drawn(MOVE + EXIT, {0: 'int f("x")'}, 'a "b"')
        == r"""digraph "a \"b\"" {
  node [shape=box, fontname="monospace"];
  subgraph "cluster_0" {
    label="int f(\"x\")";
    style=dashed;
    "fn_0_entry" [shape=Mdiamond, label="ENTRY"];
    "fn_0_exit" [shape=Mdiamond, label="EXIT"];
    "fn_0_insn_0" [label="0: (b7) r0 = 2\l1: (95) exit\l"];
  }
  "fn_0_entry" -> "fn_0_insn_0";
  "fn_0_insn_0" -> "fn_0_exit";
}
"""
    )


def test_one_cluster_a_function():
    found = drawn(PROGRAM)
    assert re.findall(r'subgraph "(.*)"', found) == ["cluster_0", "cluster_1", "cluster_2"]
    assert re.findall(r'label="(func.*)"', found) == ["func_0 ()", "func_1 () [callback]", "func_2 ()"]
    assert '"fn_0_insn_0" -> "fn_1_entry" [style=dotted];' in found
    assert '"fn_0_insn_0" -> "fn_2_entry" [style=dotted];' in found
    assert '"fn_2_insn_8" -> "fn_2_elsewhere" [style=dashed, label="gotox"];' in found


def test_every_edge_has_two_nodes():
    found = drawn(PROGRAM)
    nodes = set(NODE.findall(found))
    ends = {node for pair in re.findall(r'"(\S+)" -> "(\S+)"', found) for node in pair}
    assert ends == nodes


@pytest.mark.skipif(GRAPHVIZ is None, reason="graphviz is missing (make oracles installs it)")
@pytest.mark.parametrize(
    ("data", "names"), [(PROGRAM, {0: r'a\Nb{}|<>"&'}), (b"".join(data for data, _text in golden()), {}), (b"", {})]
)
def test_graphviz_draws_it(data, names):
    done = subprocess.run(
        [GRAPHVIZ, "-Tsvg"], input=drawn(data, names).encode(), capture_output=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b'class="node"') == len(NODE.findall(drawn(data, names)))
