# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Typed values that are the bytes they came from: `Typed` is what reading and writing of maps stands on."""

from __future__ import annotations

import struct

from .encode import Encoder
from .errors import WrongValue
from .value import Decoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from .reader import Spec


class Typed:
    """The codec of one BTF type, both ways. ``size`` is that of the type, None where it tells none.

    ``padding_counts`` is for keys: two keys that differ in padding alone are two keys, while of a value it is nothing.
    """

    __slots__ = ("_doubts", "_pad", "decode", "encode", "size")

    def __init__(self, spec: Spec, type_id: int, padding_counts: bool = False) -> None:
        self.decode = Decoder(spec, type_id)
        self.encode = Encoder(spec, type_id)
        self.size = self.decode.size
        self._doubts = self.encode.doubtful()
        # what two encodings have to have in common to be the same
        self._pad = None if padding_counts else self.encode.mask

    def many(self, data: bytes, stride: int = 0) -> tuple[list[Any], dict[int, bytes]]:
        """Return (values, {number of a value: its bytes}), the latter for values that encode to other bytes.

        Where a value is among the latter, only its bytes lead back to it (``key_raw``, ``value_raw``).
        """
        stride = self.decode.stride(data, stride)
        values = self.decode.many(data, stride)
        if not values or not self.size or (self.encode.exact and not self._padded(data, stride)):
            return values, {}
        size = self.size
        if self._doubts is not None and not self._padded(data, stride):
            return values, self._doubtful(data, stride)
        items = [data[at : at + size] for at in range(0, len(data), stride)]
        return values, {number: bytes(items[number]) for number in self._odd(values, items)}

    def _doubtful(self, data: bytes, stride: int) -> dict[int, bytes]:
        """Return the values that do not lead back to their bytes, found by the few bytes that can be so."""
        found: set[int] = set()
        for offset, size, comes_back in self._doubts or ():
            column = [item for (item,) in struct.iter_unpack(f"{offset}x{size}s{stride - offset - size}x", data)]
            wrong = {item for item in set(column) if not comes_back(item)}
            if wrong:
                found.update(number for number, item in enumerate(column) if item in wrong)
        return {number: bytes(data[number * stride :][: self.size]) for number in sorted(found)}

    def _padded(self, data: bytes, stride: int) -> bool:
        """Tell if padding that counts is anything but zero in any of the values."""
        mask = self.encode.mask
        if self._pad is not None or mask.count(255) == len(mask):
            return False
        ones = bytes(byte ^ 255 for byte in mask).ljust(stride, b"\0") * (len(data) // stride)
        return bool(int.from_bytes(data, "little") & int.from_bytes(ones, "little"))

    def _odd(self, values: Sequence[Any], items: Sequence[bytes]) -> list[int]:
        try:
            again = self.encode.many(values)
        except WrongValue:
            again = [self._again(value) for value in values]
        return [number for number, pair in enumerate(zip(again, items)) if not self.same(*pair)]

    def _again(self, value: Any) -> bytes:
        try:
            return self.encode(value)
        except WrongValue:
            # Members of a union that cannot all be right: a bool that is 2 beside the number 2.
            return b""

    def same(self, one: bytes, other: bytes) -> bool:
        """Tell if two encodings mean the same."""
        if one == other or self._pad is None or len(one) != len(other):
            return one == other
        mask = int.from_bytes(self._pad, "little")
        return not (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")) & mask
