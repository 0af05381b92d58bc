# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Integers of a width that the task gives."""

from __future__ import annotations

import struct
import sys

from .._btf.errors import WrongValue
from .form import Form, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "s8": "b", "s16": "h", "s32": "i", "s64": "q"}
BYTE_ORDERS = ("native", "little", "big")


def number(name: str, size: int, byte_order: str = "native") -> Form:
    """Return the form of an integer, or of a list of them where several fit into the size exactly."""
    width = int(name[1:]) // 8
    count, rest = divmod(size, width)
    if rest or not count:
        raise WrongValue("", f"{name} is {width} bytes, and there are {size}")
    order = sys.byteorder if byte_order == "native" else byte_order
    code = {"little": "<", "big": ">"}[order] + (f"{count}" if count > 1 else "") + CODES[name]
    low, high = (0, 1 << 8 * width) if name[0] == "u" else (-1 << 8 * width - 1, 1 << 8 * width - 1)

    def show(data: bytes, stride: int) -> list[Any]:
        rows = struct.iter_unpack(f"{code}{stride - size}x", data)
        return [value for (value,) in rows] if count == 1 else list(map(list, rows))

    def read(value: Any, field: str) -> bytes:
        numbers = [value] if count == 1 else value
        if not isinstance(numbers, (list, tuple)) or len(numbers) != count:
            raise WrongValue(field, f"needs a list of {count} numbers")
        return struct.pack(code, *(_ranged(integer(one, field), low, high, field) for one in numbers))

    def pack(values: Sequence[Any]) -> list[bytes] | None:
        # a bool is no number
        if set(map(type, values)) != {int}:
            return None
        try:
            return cut(struct.pack(f"{code[0]}{len(values)}{CODES[name]}", *values), size)
        except struct.error:
            return None

    return Form(size, show, read, *(("%d", None, pack) if count == 1 else (None, None, None)))


def integer(value: Any, field: str) -> int:
    """Return an integer; decimal and 0x text counts as one, since templates make text of numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return int(value, 0)
        except ValueError:
            pass
        try:
            return int(value)  # "007"
        except ValueError:
            pass
    raise WrongValue(field, f"{value!r} is no integer")


def _ranged(value: int, low: int, high: int, field: str) -> int:
    if not low <= value < high:
        raise WrongValue(field, f"{value} is out of range: {low} to {high - 1}")
    return value
