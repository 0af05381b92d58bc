# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF bytes -> a Spec that answers what a type id is. Nothing is parsed before it is asked for.

A blob of 5 MB has 120,000 types. They are made of 32-bit words, so the type section becomes one array; all that
has to be computed is the place where each type begins, and that only up to the highest id that was asked for.
"""

from __future__ import annotations

from collections import namedtuple

from . import header, kinds
from .errors import BtfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Collection, Iterator

# As deep as the kernel follows types (MAX_RESOLVE_DEPTH); whoever goes deeper goes in a circle.
MAX_DEPTH = 32

# vlen had 16 bits and kind 5 before 7.1, but the bits beside them were zero: the wide masks read old data too.
_VLEN = 0xFFFFFF
_KIND = 0x7F

# ``size`` is in bytes for the kinds that have one, and the id of the type referred to for all others.
Type = namedtuple("Type", "kind name vlen flag size")


class Spec:
    """The types of one BTF blob; with ``base`` (the Spec of vmlinux) those of a module, which go on counting there.

    ``order`` is "little" or "big", for the blob and for the values it describes. Type ids run from 1 to count() - 1,
    0 is void. Every method raises BtfError for an id that does not exist, for the wrong kind, and for damage in what it
    has to read; it raises nothing else.
    """

    __slots__ = (
        "_base",
        "_data",
        "_each",
        "_first",
        "_fixed",
        "_next",
        "_places",
        "_strings",
        "_types",
        "_words",
        "order",
    )

    def __init__(self, data: bytes, base: Spec | None = None) -> None:
        self.order, (types, strings, layout) = header.sections(data)
        self._data = data
        self._base = base
        self._strings = strings
        # Ids and string offsets of a split BTF begin where those of its base end.
        self._first = base.count() if base else 0
        self._fixed, self._each = header.lengths(data[slice(*layout)])
        # Three zero words in front are void: kind 0, no name, no size. A split BTF has none of its own.
        self._words = header.words(bytes(12) + data[slice(*types)], self.order)
        self._types = types[0] - 12
        self._places = [] if base else [0]
        self._next = 3

    def count(self) -> int:
        """Return the number of ids, void and those of the base included: what an id must be below."""
        self._index(header.UNKNOWN)
        return self._first + len(self._places)

    def string_section(self) -> bytes:
        """Return the strings of this blob, each with a NUL behind it."""
        return self._data[slice(*self._strings)]

    def kind(self, type_id: int) -> int:
        """Return the kind of a type (``kinds.INT`` ...), 0 for void."""
        spec, place = self._find(type_id)
        return spec._words[place + 1] >> 24 & _KIND

    def name(self, type_id: int) -> str:
        """Return the name of a type, "" where it has none."""
        spec, place = self._find(type_id)
        return spec._string(spec._words[place])

    def type(self, type_id: int) -> Type:
        """Return the part that all kinds have; ``flag`` is the kind flag (signed enum, union forward, bitfields)."""
        spec, place = self._find(type_id)
        name, info, size = spec._words[place : place + 3]
        return Type(info >> 24 & _KIND, spec._string(name), info & _VLEN, info >> 31, size)

    def resolve(self, type_id: int, through: Collection[int] = kinds.ALIASES) -> int:
        """Return the first type behind modifiers, typedefs and the like (``through``: the kinds to look through)."""
        for _step in range(MAX_DEPTH):
            spec, place = self._find(type_id)
            if spec._words[place + 1] >> 24 & _KIND not in through:
                return type_id
            type_id = spec._words[place + 2]
        raise spec._error(f"type {type_id} refers to itself or to more than {MAX_DEPTH} others", place)

    def func_name(self, type_id: int) -> str | None:
        """Return the whole name of a function, not cut at 15 bytes as in bpf_prog_info; None for any other kind."""
        spec, place = self._find(type_id)
        if spec._words[place + 1] >> 24 & _KIND != kinds.FUNC:
            return None
        return spec._string(spec._words[place])

    def integer(self, type_id: int) -> tuple[int, int, int]:
        """Return (bits, bit offset, encoding) of an INT."""
        spec, place, _info = self._expect(type_id, kinds.INT)
        word = spec._words[place + 3]
        return word & 0xFF, word >> 16 & 0xFF, word >> 24 & 0xF

    def array(self, type_id: int) -> tuple[int, int, int]:
        """Return (id of the element type, id of the index type, number of elements) of an ARRAY."""
        spec, place, _info = self._expect(type_id, kinds.ARRAY)
        element, index, count = spec._words[place + 3 : place + 6]
        return element, index, count

    def members(self, type_id: int) -> Iterator[tuple[str, int, int, int]]:
        """Yield (name, type id, bit offset, bits of a bitfield or 0) of a STRUCT or UNION."""
        spec, place, info = self._expect(type_id, kinds.STRUCT, kinds.UNION)
        for name, member, offset in spec._elements(place, info, 3):
            # With the kind flag (4.20) the size of a bitfield stands here, without it in the INT it refers to.
            bits = offset >> 24 if info >> 31 else 0
            yield spec._string(name), member, offset & 0xFFFFFF if info >> 31 else offset, bits

    def constants(self, type_id: int) -> Iterator[tuple[str, int]]:
        """Yield (name, value) of an ENUM or ENUM64. Before 6.0 nothing tells signed ones apart: -1 is 4294967295."""
        spec, place, info = self._expect(type_id, kinds.ENUM, kinds.ENUM64)
        wide = info >> 24 & _KIND == kinds.ENUM64
        sign = (1 << 63 if wide else 1 << 31) if info >> 31 else 0
        for name, low, *high in spec._elements(place, info, 3 if wide else 2):
            value = low | high[0] << 32 if wide else low
            yield spec._string(name), (value ^ sign) - sign

    def variables(self, type_id: int) -> Iterator[tuple[int, int, int]]:
        """Yield (id of the VAR, offset in the section, size) of a DATASEC, both in bytes."""
        spec, place, info = self._expect(type_id, kinds.DATASEC)
        return spec._elements(place, info, 3)

    def error(self, type_id: int, reason: str) -> BtfError:
        """Return the error that says where in the blob a type stands."""
        spec, place = self._find(type_id)
        return spec._error(reason, place)

    def _elements(self, place: int, info: int, width: int) -> Iterator[Any]:
        words = self._words[place + 3 : place + 3 + width * (info & _VLEN)]
        return zip(*(words[column::width] for column in range(width)))

    def _expect(self, type_id: int, *wanted: int) -> tuple[Spec, int, int]:
        spec, place = self._find(type_id)
        info = spec._words[place + 1]
        if info >> 24 & _KIND not in wanted:
            names = " or ".join(kinds.NAMES[kind] for kind in wanted)
            raise spec._error(f"type {type_id} is no {names} but of kind {info >> 24 & _KIND}", place)
        return spec, place, info

    def _find(self, type_id: int) -> tuple[Spec, int]:
        """Return the Spec that holds a type and its place among the words."""
        own = type_id - self._first
        if own < 0 and self._base:
            return self._base._find(type_id)
        if own >= len(self._places):
            self._index(own)
        if not 0 <= own < len(self._places):
            raise BtfError(f"there is no type {type_id}")
        return self, self._places[own]

    def _index(self, wanted: int) -> None:
        """Find the places of types up to the one with the own number ``wanted``, or of all."""
        words, places, fixed, each = self._words, self._places, self._fixed, self._each
        place, end, left = self._next, len(words), wanted + 1 - len(places)
        while left > 0 and place + 2 < end:
            places.append(place)
            left -= 1
            info = words[place + 1]
            kind = info >> 24 & _KIND
            place += fixed[kind] + (info & _VLEN) * each[kind]
        if place > end:
            # Forget the type that is cut off, so that whoever asks for it next is told again.
            self._next = places.pop()
            raise self._cut_off(self._next)
        self._next = place
        if left > 0 and place < end:
            raise self._error("the last type is cut off", place)

    def _cut_off(self, place: int) -> BtfError:
        info = self._words[place + 1]
        kind = info >> 24 & _KIND
        if self._fixed[kind] >= header.UNKNOWN:
            return self._error(f"a type is of the unknown kind {kind}", place)
        name = kinds.NAMES[kind] if kind < len(kinds.NAMES) else f"a type of kind {kind}"
        return self._error(f"{name} with {info & _VLEN} elements runs beyond the types", place)

    def _string(self, offset: int) -> str:
        if not offset:
            return ""
        start, end = self._strings
        if self._base:
            shared = self._base._string_count()
            if offset < shared:
                return self._base._string(offset)
            offset -= shared
        stop = self._data.find(b"\0", start + offset, end)
        if stop < 0:
            raise BtfError(f"no string ends behind offset {offset} of the strings", start + offset)
        return self._data[start + offset : stop].decode("utf-8", "backslashreplace")

    def _string_count(self) -> int:
        start, end = self._strings
        return end - start + (self._base._string_count() if self._base else 0)

    def _error(self, reason: str, place: int) -> BtfError:
        return BtfError(reason, self._types + 4 * place)
