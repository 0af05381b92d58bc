# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Sections of an ELF file: where the BTF of an object file, a kernel or a module is."""

from __future__ import annotations

import struct

from .errors import BtfError

MAGIC = b"\x7fELF"
# By class (32 and 64 bits): where the header tells the section table, and the form of one entry of it
# (name, type, flags, address, offset, size, link).
_HEADERS = {1: ("I", 32, 46, "7I", 40), 2: ("Q", 40, 58, "2I4QI", 64)}
_NOBITS = 8
_MANY = 0xFFFF


def sections(image: bytes) -> dict[str, bytes]:
    """Return {name: content} of an ELF file, without sections that take no room in it; raises BtfError for damage."""
    try:
        return _sections(image)
    except (struct.error, KeyError, ValueError, OverflowError):
        raise BtfError("the ELF file is cut off or damaged") from None


def _sections(image: bytes) -> dict[str, bytes]:
    mark = {1: "<", 2: ">"}[image[5] if len(image) > 5 else 0]
    word, place, counts, form, step = _HEADERS[image[4]]
    table = struct.unpack_from(mark + word, image, place)[0]
    size, count, names = struct.unpack_from(mark + "3H", image, counts)
    if size != step or not table:
        return {}
    rows = [struct.unpack_from(mark + form, image, table)]
    # An object with more sections than 16 bits count has both numbers in its first entry.
    count, names = count or rows[0][5], rows[0][6] if names == _MANY else names
    row = struct.Struct(f"{mark}{form}{step - struct.calcsize(mark + form)}x")
    rows = list(row.iter_unpack(image[table : table + step * count]))
    strings = _content(image, rows[names]) if names < len(rows) else b""
    return {_name(strings, row[0]): _content(image, row) for row in rows if row[1] != _NOBITS}


def _content(image: bytes, row: tuple[int, ...]) -> bytes:
    offset, size = row[4:6]
    if offset + size > len(image):
        raise ValueError
    return image[offset : offset + size]


def _name(strings: bytes, offset: int) -> str:
    return strings[offset : strings.index(b"\0", offset)].decode("utf-8", "backslashreplace")
