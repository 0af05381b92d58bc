# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Names and programs in a text with kernel addresses. Nothing of the text is taken away: notes are put in between."""

from __future__ import annotations

import re

from ..module_utils._view.symbol import Spans, parse, parse_address
from ._errors import FleetError

# Names come from the target and go to a terminal.
_NAME = re.compile(r"[A-Za-z0-9_.$]{1,600}")
_NOTE = " [prog id "
# An address, or a name with what tools put behind one, in both cases with a note that may be there already. A name may
# follow its address, as in perf script and in stack traces: then the address needs none. \w would take digits of all
# scripts, and int() with them.
_WORD = r"[A-Za-z0-9_$]"
_SYMBOL = rf"(?:__cfi_)?bpf_(?:prog|trampoline|dispatcher|_){_WORD}*(?:\.{_WORD}+)*"
_ADDRESS = r"(?:0x)?(?P<address>[0-9a-fA-F]{8,16})(?![A-Za-z0-9_$])(?P<gap>>?\]? {1,8}(?:\? )?)?"
_PLACE = re.compile(
    rf"(?<![A-Za-z0-9_$.])(?=[0-9a-fA-F]{{8}}|0x|bpf_|__cfi_)(?:{_ADDRESS})?(?P<name>{_SYMBOL})?"
    r"(?P<offset>\+0x[0-9a-fA-F]+(?:/0x[0-9a-fA-F]+)?)?(?P<noted> \[prog id )?"
)
# perf of Linux 4.10 and the like prints the lower 47 bits.
_CUT, _UPPER = 0x7FFF << 32, 0xFFFF8 << 44


class Symbolizer:
    """Puts names, offsets and program ids of symbols into texts.

    C(symbols) are records of bpf_kallsyms_info; those that make no sense are left out. FleetError for what is no list.
    """

    def __init__(self, symbols):
        if isinstance(symbols, dict):
            symbols = symbols.get("symbols")
        if not isinstance(symbols, list):
            raise FleetError("symbols are the list that bpf_kallsyms_info returns under that name, or its whole result")
        known = [symbol for symbol in map(_symbol, symbols) if symbol is not None]
        self._spans = Spans(known)
        self._names: dict[str, set[int]] = {}
        self._tags: dict[str, set[int]] = {}
        for _address, _size, (name, ids) in known:
            self._names.setdefault(name, set()).update(ids)
            tag = parse(name)[1]
            if tag:
                self._tags.setdefault(tag, set()).update(ids)

    def text(self, text):
        """The text with notes, everything else as it was."""
        return "".join(self._pieces(text))

    def _pieces(self, text):
        done = 0
        for match in _PLACE.finditer(text):
            for at, note in self._notes(match):
                yield text[done:at]
                yield note
                done = at
        yield text[done:]

    def _notes(self, match):
        """(place, note) of everything that is to be put into what was matched."""
        address, name = match["address"], match["name"]
        if name is None:
            if address is not None and match["offset"] is None:
                yield from self._address(match, int(address, 16))
            return
        if address is not None and not match["gap"]:
            return
        ids, offset = self._named(name), None
        found = self._find(int(address, 16), name) if address is not None else None
        if found:
            (_name, ids), offset = found
        end = match.end("offset") if match["offset"] else match.end("name")
        if offset is not None and not match["offset"]:
            yield end, f"+{offset:#x}"
        if ids and not match["noted"]:
            yield end, _note(ids)

    def _address(self, match, address):
        found = self._spans.find(address)
        if found:
            (name, ids), offset = found
            end = match.end("address")
            if not match.string.startswith(f" {name}+", end):
                yield end, f" {name}+{offset:#x}{_note(ids)}"

    def _find(self, address, name):
        """The symbol at an address beside which a name stands; the name vouches for an address that was cut."""
        found = self._spans.find(address)
        if found is None and address & _CUT == _CUT and address >> 47 == 0:
            found = self._spans.find(address | _UPPER)
        return found if found and _same(found[0][0], name) else None

    def _named(self, name):
        if name in self._names:
            return self._names[name]
        kind, tag, function = parse(name)
        # Before Linux 4.15 and in shortened output there is a tag alone.
        return self._tags.get(tag or "", ()) if kind == "prog" and function is None else ()


def _same(known, shown):
    """Whether a name that is shown may be that of a symbol: equal, or the tag alone."""
    return known == shown or (parse(shown)[2] is None and parse(shown)[1] is not None and known.startswith(shown))


def _note(ids):
    return f"{_NOTE}{' or '.join(map(str, sorted(ids)))}]" if ids else ""


def _symbol(record):
    """(address, size, (name, ids)) of a record; None where it is none."""
    if not isinstance(record, dict) or not isinstance(record.get("name"), str) or not _NAME.fullmatch(record["name"]):
        return None
    size, ids = record.get("size"), record.get("prog_ids")
    ids = [one for one in ids if _is_number(one)] if isinstance(ids, list) else []
    return parse_address(record.get("address")), size if _is_number(size) else None, (record["name"], ids)


def _is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
