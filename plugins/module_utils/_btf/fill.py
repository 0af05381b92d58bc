# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types that hold others -> what writes a value into an image, and what packs whole columns of values.

``fill`` looks at each value and says what is wrong with it. ``pack`` is for many values that are right, which is what
values mostly are: it works on columns, in C as far as possible, and raises one of `NOT_PLAIN` for anything that needs
a second look. Then ``fill`` has that look.
"""

from __future__ import annotations

import struct
from collections import namedtuple
from functools import reduce
from itertools import starmap
from operator import itemgetter, or_

from .errors import WrongValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

    from .image import Image
    from .leaf import Leaf

NOT_PLAIN = (struct.error, AttributeError, KeyError, TypeError, ValueError, OverflowError)

# More places than this are looked at by encoding the value again.
_MAX_DOUBTS = 64

# fill: (image, offset, value, field). mask, code, pack: as of a leaf. exact: each value leads back to its bytes.
# parts: a `Record`, (filler of the element, its size, count) of a list, or the `Leaf`.
Filler = namedtuple("Filler", "fill mask exact code pack parts")
# filler: of a member. group: set instead for an anonymous struct or union, whose names stand in the outer one.
Part = namedtuple("Part", "name offset filler group")


def of_leaf(one: Leaf) -> Filler:
    """Return the filler of a single value."""
    convert, mask = one.convert, one.mask

    def fill(image: Image, offset: int, value: Any, field: str) -> None:
        image.write(offset, convert(value, field), mask, field)

    return Filler(fill, mask, one.comes_back is None, one.code, one.pack, one)


def of_list(mark: str, size: int, element: Filler, count: int) -> Filler:
    """Return the filler of an array of ``count`` elements of ``size`` bytes."""

    def fill(image: Image, offset: int, value: Any, field: str) -> None:
        if not isinstance(value, (list, tuple)):
            raise WrongValue(field, f"needs a list of {count}, not {type(value).__name__}")
        if len(value) != count:
            raise WrongValue(field, f"a list of {len(value)}, but the array has {count}")
        for number, one in enumerate(value):
            element.fill(image, offset + number * size, one, f"{field}[{number}]")

    made = Filler(fill, element.mask * count, element.exact, "", None, (element, size, count))
    if not element.code or element.code.endswith("s") or element.code.startswith("|"):
        return made
    row = struct.Struct(f"{mark}{count}{element.code}").pack

    def pack(column: list[list[Any]]) -> list[bytes]:
        if set(map(type, column)) != {list}:
            raise TypeError
        if element.pack:
            return [row(*element.pack(value)) for value in column]
        return list(starmap(row, column))

    return made._replace(code=f"{size * count}s", pack=pack)


class Record:
    """The members of a struct, union or section."""

    __slots__ = ("is_union", "mask", "names", "parts")

    def __init__(self, size: int, parts: list[Part], is_union: bool) -> None:
        self.parts = parts
        self.is_union = is_union
        self.names: set[str] = set()
        mask = bytearray(size)
        for part in parts:
            self.names |= part.group.names if part.group else {part.name}
            bits = part.group.mask if part.group else part.filler.mask
            for place, byte in enumerate(bits, part.offset):
                mask[place] |= byte
        self.mask = bytes(mask)

    def fill(self, image: Image, offset: int, value: Any, field: str) -> None:
        """Write a mapping of the members."""
        if not isinstance(value, dict):
            raise WrongValue(field, f"needs a mapping of its members, not {type(value).__name__}")
        for name in value:
            if name not in self.names:
                known = ", ".join(sorted(self.names)[:20])
                raise WrongValue(_join(field, str(name)), f"there is no such member; there are {known or 'none'}")
        self.members(image, offset, value, field)

    def members(self, image: Image, offset: int, value: dict[str, Any], field: str) -> None:
        """Write those members that a mapping has, which may have others too."""
        parts = self.parts
        if self.is_union:
            parts = [part for part in parts if part.name in value or (part.group and part.group.given(value))]
            if not parts and self.names:
                image.lack(offset, self.mask, _join(field, " or ".join(sorted(self.names))))
        for part in parts:
            if part.group:
                part.group.members(image, offset + part.offset, value, field)
            elif part.name in value:
                part.filler.fill(image, offset + part.offset, value[part.name], _join(field, part.name))
            else:
                image.lack(offset + part.offset, part.filler.mask, _join(field, part.name))

    def given(self, value: dict[str, Any]) -> bool:
        """Tell if a mapping has any of the members."""
        return not self.names.isdisjoint(value)


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def of_record(mark: str, record: Record) -> Filler:
    """Return the filler of a struct, union or section."""
    parts, size = record.parts, len(record.mask)
    exact = all(part.filler.exact for part in _single(record))
    names = [part.name for part in _single(record)]
    exact = exact and len(set(names)) == len(names)
    made = Filler(record.fill, record.mask, exact, "", None, record)
    row = _row(parts, size)
    if not row or record.is_union:
        return made
    pack_row = struct.Struct(mark + row).pack
    get = itemgetter(*names) if len(names) > 1 else lambda value: (value[names[0]],)
    packs = [part.filler.pack for part in parts]
    slots = _slots(parts)

    def pack(column: list[dict[str, Any]]) -> list[bytes]:
        if set(map(type, column)) != {dict} or set(map(len, column)) != {len(names)}:
            raise TypeError
        rows: Iterator[Any] = map(get, column)
        if any(packs):
            columns = [one(items) if one else items for one, items in zip(packs, zip(*rows))]
            rows = zip(*[_merged(columns, slot) for slot in slots])
        return list(starmap(pack_row, rows))

    return made._replace(code=f"{size}s", pack=pack)


def _slots(parts: list[Part]) -> list[list[int]]:
    """Return the numbers of the members that share an item of the format: bitfields of one unit."""
    slots: list[list[int]] = []
    for number, part in enumerate(parts):
        last = parts[slots[-1][0]] if slots else None
        if last and part.filler.code[:1] == "|" and (last.offset, last.filler.code) == (part.offset, part.filler.code):
            slots[-1].append(number)
        else:
            slots.append([number])
    return slots


def _merged(columns: list[Any], slot: list[int]) -> Any:
    if len(slot) == 1:
        return columns[slot[0]]
    return [reduce(or_, numbers) for numbers in zip(*[columns[number] for number in slot])]


def _row(parts: list[Part], size: int) -> str:
    """Return the format of all members, "" where they overlap or one has no format."""
    seen: set[str] = set()
    row, end = "", 0
    for first, *others in _slots(parts):
        part = parts[first]
        names = {part.name, *(parts[other].name for other in others)}
        if part.group or not part.filler.code or part.offset < end or names & seen or len(names) != 1 + len(others):
            return ""
        seen |= names
        row += f"{part.offset - end}x{part.filler.code.lstrip('|')}"
        end = part.offset + len(part.filler.mask)
    return f"{row}{size - end}x" if parts else ""


def doubts(filler: Filler, offset: int = 0) -> list[tuple[int, int, Any]] | None:
    """Return (offset, size, test) of the leaves that are not exact; None where they are too many, or the names are."""
    if filler.exact:
        return []
    if isinstance(filler.parts, Record):
        names = [part.name for part in _single(filler.parts)]
        if len(set(names)) != len(names):
            return None
        inner = [(part.filler, part.offset) for part in _single(filler.parts)]
    elif filler.parts.__class__ is tuple:
        element, size, count = filler.parts
        if count > _MAX_DOUBTS:
            return None
        inner = [(element, size * number) for number in range(count)]
    else:
        return [(offset, len(filler.mask), filler.parts.comes_back)]
    found: list[tuple[int, int, Any]] = []
    for one, start in inner:
        more = doubts(one, offset + start)
        if more is None or len(found) + len(more) > _MAX_DOUBTS:
            return None
        found += more
    return found


def _single(record: Record, offset: int = 0) -> list[Part]:
    """Return the members with those of anonymous ones."""
    found = []
    for part in record.parts:
        part = part._replace(offset=part.offset + offset)
        found += _single(part.group, part.offset) if part.group else [part]
    return found
