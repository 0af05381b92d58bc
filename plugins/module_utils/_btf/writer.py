# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Types -> a BTF blob."""

from __future__ import annotations

import struct

from . import kinds
from .scalar import MARKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from .header import Order

_FLAG = 1 << 31
_HEADER = "HBBI4I"


class Writer:
    """Collects types; `add` returns the id of each. Ids that a type refers to may come later."""

    __slots__ = ("_strings", "_text", "_types", "mark", "order")

    def __init__(self, order: Order = "little") -> None:
        self.order = order
        self.mark = MARKS[order]
        self._types: list[bytes] = []
        self._strings = {"": 0}
        self._text = bytearray(1)

    def next_id(self) -> int:
        """Return the id that the next type gets."""
        return len(self._types) + 1

    def string(self, name: str) -> int:
        """Return the offset of a name, each of which is kept once."""
        if name not in self._strings:
            self._strings[name] = len(self._text)
            self._text += name.encode("utf-8", "surrogateescape") + b"\0"
        return self._strings[name]

    def add(
        self, kind: int, name: str = "", size: int = 0, vlen: int = 0, flag: int = 0, words: Iterable[int] = ()
    ) -> int:
        """Add a type: ``size`` is what follows the info word, ``words`` are those behind it (see `kinds.WORDS`)."""
        self._types.append(self._pack(kind, name, size, vlen, flag, words))
        return len(self._types)

    def replace(
        self, type_id: int, kind: int, name: str, size: int, vlen: int = 0, flag: int = 0, words: Iterable[int] = ()
    ) -> None:
        """Put another type into the place of one that was added."""
        self._types[type_id - 1] = self._pack(kind, name, size, vlen, flag, words)

    def _pack(self, kind: int, name: str, size: int, vlen: int, flag: int, words: Iterable[int]) -> bytes:
        numbers = [self.string(name), (_FLAG if flag else 0) | kind << 24 | vlen, size]
        numbers += [word & 0xFFFFFFFF for word in words]
        return struct.pack(f"{self.mark}{len(numbers)}I", *numbers)

    def blob(self) -> bytes:
        """Return header, types and strings."""
        types = b"".join(self._types)
        sizes = (0, len(types), len(types), len(self._text))
        return struct.pack(self.mark + _HEADER, 0xEB9F, 1, 0, 24, *sizes) + types + bytes(self._text)


def member(writer: Writer, name: str, type_id: int, start: int, bits: int = 0) -> list[int]:
    """Return the words of a member of a struct that has the kind flag if any member has bits."""
    return [writer.string(name), type_id, bits << 24 | start]


def constant(writer: Writer, kind: int, name: str, value: int) -> list[int]:
    """Return the words of a constant of an ENUM or ENUM64."""
    words = [writer.string(name), value]
    return words + [value >> 32] if kind == kinds.ENUM64 else words
