# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._btf.errors import BtfError
from .._btf.prototype import prototype, string
from .._insn import calls, dot, flow, slots
from .._insn.decode import decode
from .._insn.listing import Listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec
    from .._insn.calls import Symbols
    from .._objects.prog_code import Code

FORMATS = ("text", "records", "dot", "raw")
_BLANKS = " \t\n\v\f\r"


def symbols(code: Code, names) -> Symbols:
    """Return whom the calls of a program go to; ``names`` (`prog_code.Names`) is asked only where a name is needed."""
    found = calls.Symbols(0, {}, code.addresses, code.count)
    data = slots.little(code.data or b"")
    if calls.called(data, found):
        found.base = names.base()
        found.names = names.find(calls.called(data, found))
    return found


def unnamed(code: Code, known: Symbols) -> bool:
    """Return whether a compiled program calls functions of its own that have an address and no name."""
    wanted = calls.called(slots.little(code.data or b""), known)
    return any(address in wanted and address not in known.names for address in code.addresses or ())


class View:
    """Turns the code of programs into what the options ask for.

    ``format`` is one of `FORMATS`; ``opcodes`` adds the bytes of each instruction, ``linum`` file, line and column to
    the source lines.
    """

    def __init__(self, format: str, opcodes: bool = False, linum: bool = False) -> None:
        self.format = format
        self._opcodes = opcodes
        self._linum = linum

    def make(self, code: Code, known: Symbols, spec: Spec | None, title: str) -> Any:
        """Return the code in the format; ``spec`` is the BTF of the program, None where there is none."""
        data = code.data or b""
        if self.format == "raw":
            return data.hex()
        heads = _heads(code, spec)
        listing = Listing(data, known)
        if self.format == "records":
            return list(listing.records(self._fields(heads), self._opcodes))
        if self.format == "text":
            return listing.text({slot: self._text(head) for slot, head in heads.items()}, self._opcodes)
        # A prototype is the label of its cluster, and need not be in the first block as well.
        names = {slot: head.pop("proto") for slot, head in heads.items() if "proto" in head}
        lines = listing.lines({slot: self._text(head) for slot, head in heads.items()}, self._opcodes)
        functions = flow.functions(decode(data), [slot for slot, _type in code.functions])
        return dot.graph(functions, dict(zip(listing.slots, lines)), names, title)

    def _text(self, head: dict[str, Any]) -> str:
        lines = f"{head['proto']}:\n" if "proto" in head else ""
        if "src" in head and self._linum:
            return lines + "; {src} [file:{file} line_num:{line_num} line_col:{line_col}]\n".format(**head)
        return f"{lines}; {head['src']}\n" if "src" in head else lines

    def _fields(self, heads: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        if self._linum:
            return heads
        return {slot: {key: head[key] for key in ("proto", "src") if key in head} for slot, head in heads.items()}


def _heads(code: Code, spec: Spec | None) -> dict[int, dict[str, Any]]:
    """Return what stands before the instruction at a slot: ``proto``, and ``src file line_num line_col``."""
    found: dict[int, dict[str, Any]] = {}
    if spec is None:
        return found
    for slot, type_id in code.functions:
        try:
            text = prototype(spec, type_id)
        except BtfError:
            continue
        if text:
            found[slot] = {"proto": text}
    for slot, file, line, position in code.lines:
        try:
            source = {"src": string(spec, line).lstrip(_BLANKS), "file": string(spec, file)}
        except BtfError:
            continue
        found.setdefault(slot, {}).update(source, line_num=position >> 10, line_col=position & 0x3FF)
    return found
