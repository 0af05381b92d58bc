# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Functions and blocks -> a graph in the language of graphviz, one cluster a function."""

from __future__ import annotations

from . import flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from .flow import Block, Function

_STYLES = {
    flow.FALLTHROUGH: "",
    flow.BRANCH: " [color=blue]",
    flow.GOTO: " [color=black]",
    flow.MAY_GOTO: ' [color=blue, label="may_goto"]',
    flow.RETURN: "",
    flow.INDIRECT: ' [style=dashed, label="gotox"]',
}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\r": " "})


def graph(functions: list[Function], lines: dict[int, str], names: dict[int, str], title: str) -> str:
    """Return the graph of a program.

    ``lines`` are the lines of text of the instruction at a slot, with their ends; ``names`` are those of functions by
    their first slot, for the labels of their clusters.
    """
    number = {function.start: index for index, function in enumerate(functions)}
    home = {block.insns[0].slot: index for index, function in enumerate(functions) for block in function.blocks}
    parts = [f'digraph "{_escape(title)}" {{\n', '  node [shape=box, fontname="monospace"];\n']
    for index, function in enumerate(functions):
        name = names.get(function.start) or f"func_{index} ()"
        kind = "" if function.kind != flow.CALLBACK else " [callback]"
        parts += [f'  subgraph "cluster_{index}" {{\n', f'    label="{_escape(name + kind)}";\n    style=dashed;\n']
        parts += _nodes(index, function, lines)
        parts.append("  }\n")
    for index, function in enumerate(functions):
        parts.append(f'  "{_entry(index)}" -> "{_block(index, function.start)}";\n')
        for block in function.blocks:
            parts += _edges(index, block, home)
            parts += [
                f'  "{_block(index, block.insns[0].slot)}" -> "{_entry(number[callee])}" [style=dotted];\n'
                for callee in sorted({callee for _slot, callee in block.calls} & set(number))
            ]
    return "".join(parts) + "}\n"


def _nodes(index: int, function: Function, lines: dict[int, str]) -> Iterator[str]:
    ends = {edge.target for block in function.blocks for edge in block.edges}
    yield f'    "{_entry(index)}" [shape=Mdiamond, label="ENTRY"];\n'
    if flow.EXIT in ends:
        yield f'    "{_end(index, flow.EXIT)}" [shape=Mdiamond, label="EXIT"];\n'
    if flow.ELSEWHERE in ends:
        yield f'    "{_end(index, flow.ELSEWHERE)}" [shape=diamond, label="?"];\n'
    for block in function.blocks:
        text = "".join(lines[insn.slot] for insn in block.insns)
        # \l ends a line that is aligned to the left
        label = _escape(text).replace("\n", "\\l")
        yield f'    "{_block(index, block.insns[0].slot)}" [label="{label}"];\n'


def _edges(index: int, block: Block, home: dict[int, int]) -> Iterator[str]:
    source = _block(index, block.insns[0].slot)
    for edge in block.edges:
        target = _end(index, edge.target) if edge.target < 0 else _block(home[edge.target], edge.target)
        yield f'  "{source}" -> "{target}"{_STYLES[edge.kind]};\n'


def _block(function: int, slot: int) -> str:
    return f"fn_{function}_insn_{slot}"


def _entry(function: int) -> str:
    return f"fn_{function}_entry"


def _end(function: int, target: int) -> str:
    return f"fn_{function}_{'exit' if target == flow.EXIT else 'elsewhere'}"


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)
