# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._insn import calls, dot, flow, slots
from .._insn.decode import decode
from .._insn.listing import Listing
from . import source_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec
    from .._insn.calls import Symbols
    from .._objects.prog_code import Code

FORMATS = ("text", "records", "dot", "raw")


def symbols(codes: list[Code], names) -> list[Symbols]:
    """Return whom the calls of programs go to; ``names`` (`prog_code.Names`) is asked once, if one is needed at all."""
    found = [calls.Symbols(0, {}, code.addresses, code.count) for code in codes]
    calling = [(slots.little(code.data or b""), known) for code, known in zip(codes, found)]
    calling = [(data, known) for data, known in calling if calls.called(data, known)]
    wanted: set[int] = set()
    for data, known in calling:
        known.base = names.base()
        wanted |= calls.called(data, known)
    found_names = names.find(wanted) if wanted else {}
    for _data, known in calling:
        known.names = found_names
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
        heads = self._heads(code, spec)
        listing = Listing(data, known)
        if self.format == "records":
            return list(listing.records(heads, self._opcodes))
        if self.format == "text":
            return listing.text({slot: source_line.shown(head) for slot, head in heads.items()}, self._opcodes)
        # A prototype is the label of its cluster, and need not be in the first block as well.
        names = {slot: head.pop("proto") for slot, head in heads.items() if "proto" in head}
        lines = listing.lines({slot: source_line.shown(head) for slot, head in heads.items()}, self._opcodes)
        functions = flow.functions(decode(data), [slot for slot, _type in code.functions])
        return dot.graph(functions, dict(zip(listing.slots, lines)), names, title)

    def functions(self, code: Code, spec: Spec | None) -> list[dict[str, Any]]:
        """Return the functions of a program in their order: ``name`` and ``proto`` (None without BTF), ``offset size``
        in bytes."""
        types = dict(code.functions)
        starts = sorted(types) or calls.function_slots(slots.little(code.data or b""))
        ends = [*starts[1:], len(code.data or b"") // slots.SIZE]
        return [
            {
                "name": (source_line.function_name(spec, types[start]) or None) if spec and start in types else None,
                "proto": (source_line.proto(spec, types[start]) or None) if spec and start in types else None,
                "offset": start * slots.SIZE,
                "size": (end - start) * slots.SIZE,
            }
            for start, end in zip(starts, ends)
        ]

    def _heads(self, code: Code, spec: Spec | None) -> dict[int, dict[str, Any]]:
        """Return what stands before the instruction at a slot: ``proto``, and the keys of `source_line.line`."""
        found: dict[int, dict[str, Any]] = {}
        if spec is None:
            return found
        for slot, type_id in code.functions:
            text = source_line.proto(spec, type_id)
            if text:
                found[slot] = {"proto": text}
        for slot, file, line, position in code.lines:
            head = source_line.line(spec, file, line, position, self._linum)
            if head:
                found.setdefault(slot, {}).update(head)
        return found
