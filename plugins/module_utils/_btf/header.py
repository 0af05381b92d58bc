# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The frame of a BTF blob: the header, where its sections are, and how long types of newer kinds are."""

from __future__ import annotations

import struct
import sys
from array import array

from . import kinds
from .errors import BtfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Order = Literal["little", "big"]

_ORDERS: dict[bytes, Order] = {b"\x9f\xeb": "little", b"\xeb\x9f": "big"}
# The header up to str_len (4.18), and with layout_off and layout_len (7.1).
_HEADER, _HEADER_WITH_LAYOUT = 24, 32
# More words than a blob can have: the length of a type whose kind nobody has told us about.
UNKNOWN = 1 << 40


def _tables() -> tuple[list[int], list[int]]:
    words = [kinds.WORDS.get(kind, (UNKNOWN, 0)) for kind in range(kinds.MAX_KINDS)]
    return [3 + fixed for fixed, _each in words], [each for _fixed, each in words]


_FIXED, _EACH = _tables()


def sections(data: bytes) -> tuple[Order, list[tuple[int, int]]]:
    """Return the byte order and the (start, end) of types, strings and layout (7.1; empty before)."""
    order = _ORDERS.get(bytes(data[:2]))
    if order is None:
        raise BtfError("no BTF magic", 0)
    if len(data) < _HEADER:
        raise BtfError("the header is cut off", len(data))
    mark = "<" if order == "little" else ">"
    version, _flags, length = struct.unpack_from(mark + "BBI", data, 2)
    if version != 1:
        raise BtfError(f"version {version} of BTF, only 1 is known", 2)
    if not _HEADER <= length <= len(data):
        raise BtfError(f"a header of {length} bytes in {len(data)} bytes of BTF", 4)
    pairs = 3 if length >= _HEADER_WITH_LAYOUT else 2
    numbers = struct.unpack_from(mark + "2I" * pairs, data, 8)
    found = []
    for number in range(pairs):
        start, size = length + numbers[2 * number], numbers[2 * number + 1]
        # Types and layout are read as words.
        if start + size > len(data) or (number != 1 and size % 4):
            raise BtfError(f"section {number} of {size} bytes does not fit", 8 + 8 * number)
        found.append((start, start + size))
    return order, found + [(0, 0)] * (3 - pairs)


def lengths(section: bytes) -> tuple[list[int], list[int]]:
    """Return the words per type and per element, with those of kinds that are newer than this code."""
    if len(section) <= 4 * len(kinds.NAMES):
        return _FIXED, _EACH
    fixed, each = list(_FIXED), list(_EACH)
    for kind in range(len(kinds.NAMES), min(len(section) // 4, kinds.MAX_KINDS)):
        info_size, element_size = section[4 * kind], section[4 * kind + 1]
        if info_size % 4 == 0 and element_size % 4 == 0:
            fixed[kind], each[kind] = 3 + info_size // 4, element_size // 4
    return fixed, each


def words(section: bytes, order: Order) -> array[int]:
    """Return a section as numbers of 32 bits."""
    numbers = array("I", section)
    if order != sys.byteorder:
        numbers.byteswap()
    return numbers
