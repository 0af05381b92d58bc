# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Symbols of BPF as records, and whose they are."""

from __future__ import annotations

from .._uapi import prog_types
from . import record as rec
from .symbol import PROG, Spans, parse, parse_address, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable

    from .._objects.prog_symbols import Compiled

    Name = Callable[[Compiled, int], "str | None"]

HIDDEN = "hidden by kptr_restrict"
AMBIGUOUS = "ambiguous"
UNKNOWN = "no program with this address or tag"


class View:
    """Makes records of symbols with the programs they belong to.

    ``name_of(program, index)`` is the name of a function after the tag; it is asked only where addresses do not tell.
    """

    def __init__(self, programs: Iterable[Compiled], name_of: Name) -> None:
        self._programs = [program for program in programs if program.info is not None]
        self._name_of = name_of
        self._places: dict[int, tuple[Compiled, int]] = {}
        self._hidden = []
        for program in self._programs:
            for index, address in enumerate(program.addresses or ()):
                self._places[address] = (program, index)
            if program.compiled and not program.addresses:
                self._hidden.append(program)
        self._names: dict[str | None, list[Compiled]] | None = None

    def record(self, address: int | None, name: str) -> dict:
        """Return the record of a symbol of the table."""
        kind, tag, function = parse(name)
        size, owners = None, []
        found = self._places.get(address) if address is not None else None
        if found:
            program, index = found
            size, owners = _length(program, index), [program]
        elif tag is not None:
            owners = self._by_tag(kind, tag, name)
        return _record((address, name, size), (kind, tag, function), owners)

    def missing(self) -> list[dict]:
        """Return the records of compiled functions, under the names that the kernel would give them in its table."""
        found = []
        for program in self._programs:
            for index, tag in enumerate(program.tags):
                address = program.addresses[index] if program.addresses and index < len(program.addresses) else None
                # The symbol of a whole program has the tag of all its functions together.
                name = _full(tag if index else program.info.tag, self._name_of(program, index))
                record = _record((address, name, _length(program, index)), parse(name), [program])
                record["in_kallsyms"] = False
                found.append(record)
        return found

    def _by_tag(self, kind: str, tag: str, name: str) -> list[Compiled]:
        """Return the programs that a symbol may be of: never one whose functions are known to lie elsewhere."""
        raw = bytes.fromhex(tag)
        if kind != PROG:
            return [program for program in self._programs if raw in _tags(program)]
        owners = [program for program in self._hidden if raw in _tags(program)]
        if len(owners) < 2:
            return owners
        if self._names is None:
            self._names = self._named()
        return self._names.get(name, owners)

    def _named(self) -> dict[str | None, list[Compiled]]:
        found: dict[str | None, list[Compiled]] = {}
        for program in self._hidden:
            names = [self._name_of(program, index) for index in range(len(program.tags))]
            whole = _full(program.info.tag, names[0]) if names else None
            for name in {_full(tag, name) for tag, name in zip(program.tags, names)} | {whole}:
                found.setdefault(name, []).append(program)
        return found


def _tags(program: Compiled) -> list[bytes]:
    return [program.info.tag, *program.tags] if program.compiled else []


def _full(tag: bytes, function: str | None) -> str:
    return f"bpf_prog_{tag.hex()}_{function}" if function else f"bpf_prog_{tag.hex()}"


def _length(program: Compiled, index: int) -> int | None:
    return program.lengths[index] if index < len(program.lengths) else None


def _record(
    place: tuple[int | None, str, int | None], parts: tuple[str, str | None, str | None], owners: list[Compiled]
) -> dict:
    address, name, size = place
    kind, tag, function = parts
    info = owners[0].info if len(owners) == 1 else None
    record = {
        "address": None if address is None else show(address),
        "name": name,
        "kind": kind,
        "tag": tag,
        "function": function,
        "size": size,
        "prog_id": info.id if info else None,
        "prog_type": rec.number_name(prog_types.NAMES, info.type) if info else None,
        "prog_name": rec.text(info.name) if info else None,
        "prog_ids": [owner.id for owner in owners],
        "in_kallsyms": True,
    }
    gone = dict.fromkeys(("address", *(("size",) if kind == PROG else ())), HIDDEN) if address is None else {}
    if tag is not None and info is None:
        gone.update(dict.fromkeys(("prog_id", "prog_type", "prog_name"), AMBIGUOUS if owners else UNKNOWN))
    return rec.hide(record, gone)


def order(record: dict) -> tuple:
    """Return what records of symbols are sorted by: the address, and the name where it is hidden."""
    return record["address"] or "", record["name"]


class Lookup:
    """Tells what lies at addresses, by the records of symbols."""

    def __init__(self, records: list[dict]) -> None:
        self._spans = Spans((parse_address(record["address"]), record["size"], record) for record in records)
        self._hidden = any(record["address"] is None for record in records)

    def record(self, address: int) -> dict:
        """Return the symbol, the offset and the program of an address."""
        found = self._spans.find(address)
        symbol, offset = found if found else ({}, None)
        record = {"address": show(address), "name": symbol.get("name"), "offset": offset}
        record.update({key: symbol.get(key) for key in ("tag", "function", "prog_id", "prog_type", "prog_name")})
        record["prog_ids"] = symbol.get("prog_ids", [])
        if not found:
            rec.hide(record, {"name": HIDDEN if self._hidden else "in no symbol of BPF"})
        elif record["prog_id"] is None and "unavailable" in symbol:
            rec.hide(record, {"prog_id": symbol["unavailable"]["prog_id"]})
        return record
