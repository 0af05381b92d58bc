# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the running kernel's own BTF says: which enum members it knows, and the ids of its types.

Written apart from the collection's BTF code on purpose: the tests must not take the word of what they test.
"""

from __future__ import annotations

import functools
import struct
from pathlib import Path

PATH = Path("/sys/kernel/btf/vmlinux")

INT, ARRAY, STRUCT, UNION, ENUM, FUNC, FUNC_PROTO, VAR, DATASEC = 1, 3, 4, 5, 6, 12, 13, 14, 15
DECL_TAG, ENUM64 = 17, 19
# bytes after the 12 of btf_type: a fixed number, or one for each member
_FIXED = {INT: 4, ARRAY: 12, VAR: 4, DECL_TAG: 4}
_EACH = {STRUCT: 12, UNION: 12, ENUM: 8, FUNC_PROTO: 8, DATASEC: 12, ENUM64: 12}


class Vmlinux:
    """The types of vmlinux: ``ids[kind, name]``, ``sizes[id]`` and the members of structs and enums on demand."""

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        _magic, _version, _flags, header = struct.unpack_from("=HBBI", blob)
        types, types_size, strings, _size = struct.unpack_from("=IIII", blob, 8)
        self._strings = header + strings
        self.ids: dict[tuple[int, bytes], int] = {}
        self._offsets = [0]
        self._walk(header + types, header + types + types_size)

    def _walk(self, offset: int, end: int) -> None:
        blob, strings, unpack = self._blob, self._strings, struct.Struct("=II").unpack_from
        number = 0
        while offset < end:
            number += 1
            self._offsets.append(offset)
            name, info = unpack(blob, offset)
            kind = info >> 24 & 0x1F
            if name and kind in (STRUCT, ENUM, FUNC):
                start = strings + name
                self.ids.setdefault((kind, blob[start : blob.index(b"\0", start)]), number)
            offset += 12 + _FIXED.get(kind, 0) + _EACH.get(kind, 0) * (info & 0xFFFF)

    def id(self, kind: int, name: str) -> int:
        """Return the id of a type, 0 where this kernel has none of that name."""
        return self.ids.get((kind, name.encode()), 0)

    def size(self, number: int) -> int:
        """Return the size of a struct in bytes."""
        return struct.unpack_from("=I", self._blob, self._offsets[number] + 8)[0]

    def members(self, number: int) -> list[str]:
        """Return the names of the members of a struct or an enum in their order."""
        return [name for name, _value in self._pairs(number)]

    def enum(self, name: str) -> dict[str, int]:
        """Return the members of an enum, empty where this kernel does not have it."""
        number = self.id(ENUM, name)
        return dict(self._pairs(number)) if number else {}

    def _pairs(self, number: int) -> list[tuple[str, int]]:
        offset = self._offsets[number]
        info = struct.unpack_from("=I", self._blob, offset + 4)[0]
        step = _EACH[info >> 24 & 0x1F]
        rows = (struct.unpack_from("=Ii", self._blob, offset + 12 + step * i) for i in range(info & 0xFFFF))
        return [(self._text(name), value) for name, value in rows]

    def _text(self, offset: int) -> str:
        start = self._strings + offset
        return self._blob[start : self._blob.index(b"\0", start)].decode()


@functools.cache
def vmlinux() -> Vmlinux | None:
    """Return the types of the running kernel, None where it was built without them."""
    return Vmlinux(PATH.read_bytes()) if PATH.exists() else None
