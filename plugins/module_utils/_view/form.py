# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Forms of keys and values: packed bytes <-> what a task shows and takes.

A `Form` is for one size. All of them work on many values that lie side by side, or at a distance of ``stride`` bytes.
"""

from __future__ import annotations

import struct

from .._btf.errors import WrongValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence


# A format of more items takes more memory than the time is worth.
_MANY = 1 << 14


class Form:
    """A form whose values are what ``show`` makes of bytes.

    show: (bytes, distance) -> a value for each. read: (value, field) -> its bytes, raises WrongValue.
    quote: the JSON of a value is this template filled with it; None: it has to be made by ``json``.
    odd: tells of bytes whether ``read`` makes other bytes of what is shown; None: it never does.
    pack: many values -> the bytes of each, or None where they need a second look.
    octets: whether a value is shown as its bytes in hex, with spaces between.
    ``mask`` has a bit for each bit that a value decides: all of them.
    """

    def __init__(
        self,
        size: int,
        show: Callable[[bytes, int], Sequence[Any]],
        read: Callable[[Any, str], bytes],
        quote: str | None = None,
        odd: Callable[[bytes], bool] | None = None,
        pack: Callable[[Sequence[Any]], list[bytes] | None] | None = None,
        octets: bool = False,
    ) -> None:
        self.size = size
        self.mask = b"\xff" * size
        self.quote = quote
        self.octets = octets
        self._show = show
        self._read = read
        self._odd = odd
        self._pack = pack

    def many(self, data: bytes, stride: int = 0) -> tuple[Sequence[Any], dict[int, bytes]]:
        """Return (values, {number of a value: its bytes}), the latter for those that encode to other bytes."""
        stride = stride or self.size or 1
        values = self._show(data, stride)
        if self._odd is None:
            return values, {}
        size, odd = self.size, self._odd
        items = (data[at : at + size] for at in range(0, len(data), stride))
        return values, {number: item for number, item in enumerate(items) if odd(item)}

    def texts(self, data: bytes, stride: int = 0) -> tuple[Any, bool]:
        """Return (what fills ``quote``, True), or (None, False) where values have to be looked at one by one."""
        if self.quote is None or self._odd is not None:
            return None, False
        return self._show(data, stride or self.size or 1), True

    def encode(self, value: Any, field: str = "") -> bytes:
        """Return the bytes of a value; raises WrongValue, which names the field."""
        return self._read(value, field)

    def encode_many(self, values: Sequence[Any]) -> list[bytes]:
        """Return the bytes of many values; WrongValue does not say which of them does not fit."""
        packed = self._pack(values) if self._pack else None
        return [self._read(value, "") for value in values] if packed is None else packed

    def part(self, value: Any, field: str, excused: bytes) -> tuple[bytes, bytes, list[str]]:
        """Return (bytes, mask of the bits that the value gives, missing fields): a value without parts gives all."""
        return self._read(value, field), self.mask, []

    def bits(self, path: str) -> bytes:
        """Return the mask of the bits that a path leads to; this form has no parts."""
        raise WrongValue(path, "is no part of it: only values with BTF have fields")

    def column(self, path: str, data: bytes, stride: int = 0) -> Sequence[Any]:
        """Return what a path within the values leads to, for each value; this form has no parts."""
        if path:
            raise WrongValue(path, "is no part of it: only values with BTF have fields")
        return self._show(data, stride or self.size or 1)


def text_of(value: Any, field: str, example: str) -> str:
    """Return a value that has to be text; YAML makes numbers of what looks like some (10:20:30 is 37230)."""
    if isinstance(value, str):
        return value
    raise WrongValue(field, f"{value!r} is {type(value).__name__} and not text: quote it, as in {example}")


def sized(data: bytes, size: int, field: str) -> bytes:
    """Return bytes that have to be as many as the key or the value has."""
    if len(data) != size:
        raise WrongValue(field, f"{len(data)} bytes, but there have to be {size}")
    return data


def cut(data: bytes, size: int) -> list[bytes]:
    """Return packed items of one size one by one."""
    if len(data) < size * _MANY:
        return list(struct.unpack(f"{size}s" * (len(data) // size), data))
    return [data[at : at + size] for at in range(0, len(data), size)]
