# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Machine code with what was read beside it -> listings: the text of C(bpftool prog dump jited), or records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ...module_utils._view.source_line import shown
from .disassemble import disassemble

# A call or jump of x86 to a place that the instruction tells.
_BRANCH = re.compile(r"(?:call|j)\w* +0x([0-9a-f]+)")
# An instruction with the words that may stand before it, and its operands.
_WORDS = re.compile(r"((?:(?:lock|rep\w*|notrack|bnd|data16) +)*\S+) *(.*)")
_MASK = (1 << 64) - 1
_X86 = ("x86_64", "i386", "i486", "i586", "i686")


class Code:
    """The machine code of one program.

    C(functions) are dictionaries C({name, proto, address, offset, size}), addresses in hexadecimal or None; C(sources)
    are C({offset, src, file, line_num, line_col}), of which the last three may be missing; C(symbols) are names by
    hexadecimal addresses. C(read) is C(disassemble), or C(as_bytes).
    """

    def __init__(
        self,
        data: bytes,
        machine: str,
        functions: list[dict[str, Any]],
        sources: list[dict[str, Any]] = (),  # type: ignore[assignment]
        symbols: dict[str, str] | None = None,
        read: Callable[[bytes, str], list[dict[str, Any]]] = disassemble,
    ) -> None:
        self._data = data
        self._machine = machine
        self._functions = functions
        self._heads = {source["offset"]: source for source in sources}
        self._symbols = symbols or {}
        self._read = read

    def text(self, opcodes: bool = False) -> str:
        """One block a function, a blank line between; C(opcodes) adds a line with the bytes of each instruction."""
        return "\n".join("".join(self._lines(function, opcodes)) for function in self._functions)

    def _lines(self, function: dict[str, Any], opcodes: bool) -> Iterator[str]:
        yield f"{function['proto']}:\n" if function["proto"] else ""
        yield f"{title(function)}:\n"
        for insn, target, name in self._insns(function):
            head = self._heads.get(function["offset"] + insn["offset"])
            yield shown(head) if head else ""
            yield f"{insn['offset']:4x}:\t{_with_target(insn['text'], target, name)}\n"
            if opcodes:
                yield f"\t{insn['bytes']}\n"

    def records(self, opcodes: bool = False) -> list[dict[str, Any]]:
        """One dictionary an instruction: C(function pc disasm operation operands), C(symbol) of what is called, what
        the source tells, and with C(opcodes) its bytes."""
        return [
            self._record(function, *found, opcodes) for function in self._functions for found in self._insns(function)
        ]

    def _record(self, function, insn, target, name, opcodes):
        text = _with_target(insn["text"], target, None)
        found = _WORDS.match(text)
        operation, operands = found.groups() if found else (text, "")
        record = {
            "function": title(function),
            "pc": f"0x{insn['offset']:x}",
            "disasm": text,
            "operation": operation,
            "operands": _operands(operands),
        }
        if name:
            record["symbol"] = name
        if insn["offset"] == 0 and function["proto"]:
            record["proto"] = function["proto"]
        head = self._heads.get(function["offset"] + insn["offset"], {})
        record.update({key: found for key, found in head.items() if key != "offset"})
        if opcodes:
            record["opcodes"] = [f"0x{byte}" for byte in insn["bytes"].split()]
        return record

    def _insns(self, function: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int | None, str | None]]:
        """Yield (instruction, address that it leads to outside of its function, name of that).

        Instructions count from the start of their function, so that jumps within it lead to what the listing shows.
        """
        start, size = function["offset"], function["size"]
        address = int(function["address"], 16) if function["address"] else None
        for insn in self._read(self._data[start : start + size], self._machine):
            found = _BRANCH.fullmatch(insn["text"]) if self._machine in _X86 else None
            target = int(found[1], 16) if found else 0
            if found is None or address is None or target < size:
                yield insn, None, None
                continue
            target = address + target & _MASK
            yield insn, target, self._symbols.get(f"0x{target:x}")


def title(function: dict[str, Any]) -> str:
    """The name of a function, its address where it has none, or C(unknown)."""
    return function["name"] or function["address"] or "unknown"


def _with_target(text: str, target: int | None, name: str | None) -> str:
    if target is None:
        return text
    start, _prefix, digits = text.rpartition("0x")
    return f"{start}0x{target:0{len(digits)}x}" + (f" <{name}>" if name else "")


def _operands(text: str) -> list[str]:
    """Split at the commas outside of brackets."""
    found = re.findall(r"(?:[^,(\[{]|\([^)]*\)|\[[^]]*\]|\{[^}]*\})+", text)
    return [operand.strip() for operand in found]
