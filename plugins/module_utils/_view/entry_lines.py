# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Lines of JSON as a dump in hex writes them -> packed keys and values, without a look at each line."""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence

_BEFORE, _BETWEEN, _AFTER = b'{"key":"', b'","value":"', b'"}\n'
_DIGIT = 0
# A column of fewer lines takes longer than the parser of JSON.
_FEW = 64


def packed(lines: bytes, key: int, value: int) -> tuple[Sequence[bytes], Sequence[bytes]] | None:
    """Return the keys and values of whole lines, of ``key`` and ``value`` bytes each.

    None where some line looks different, or where they are few.
    """
    row = _BEFORE + _octets(key) + _BETWEEN + _octets(value) + _AFTER
    count, rest = divmod(len(lines), len(row))
    if rest or count < _FEW:
        return None
    # Column by column: what is the same in all lines is compared, the digits are put together.
    digits, place = bytearray(2 * (key + value) * count), 0
    for at, char in enumerate(row):
        column = lines[at :: len(row)]
        if char == _DIGIT:
            digits[place :: 2 * (key + value)] = column
            place += 1
        elif column != row[at : at + 1] * count:
            return None
    try:
        data = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return None
    # White space makes no byte.
    if len(data) != (key + value) * count:
        return None
    items = struct.unpack(f"{key}s{value}s" * count, data)
    return items[::2], items[1::2]


def _octets(size: int) -> bytes:
    return b" ".join([bytes([_DIGIT, _DIGIT])] * size)
