# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Bytes of values + their BTF type -> numbers, text, lists and dicts.

A type is compiled once; what is done for each value walks no types. Many values are decoded column by column, so that
the work for one more of them is done by ``struct``, ``zip`` and ``dict`` in C.

    integer, pointer            number; bool: true or false; encoding char: text
    float                       number, "nan", "inf" or "-inf"; long double: hex
    enum                        name of the constant, else the number
    array                       list; of char: text up to the first NUL
    struct, union, section      dict; members of an anonymous struct or union stand in the outer one
    anything else               hex: "0a 66 00 00"
"""

from __future__ import annotations

from .errors import BtfError
from .layout import Compiler
from .scalar import MARKS
from .table import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .reader import Spec


class Decoder:
    """Turns the bytes of values of one type into values. ``size`` is that of the type, None where it tells none.

    Calling it decodes one value. All methods raise BtfError for data that are shorter than the type.
    """

    __slots__ = ("codec", "mark", "size")

    def __init__(self, spec: Spec, type_id: int) -> None:
        self.codec = Compiler(spec).codec(type_id)
        self.mark = MARKS[spec.order]
        self.size = self.codec.size

    def __call__(self, data: bytes) -> Any:
        """Return the value at the beginning of ``data``; what is behind it is ignored."""
        if self.size is None:
            return bytes(data).hex(" ")
        if len(data) < self.size:
            raise _too_short(len(data), self.size)
        if not self.size:
            return next(iter(self.codec.finish([b""])))
        return next(iter(read(self.codec, self.mark, data[: self.size], self.size)))

    def many(self, data: bytes, stride: int = 0) -> list[Any]:
        """Return the values that begin every ``stride`` bytes of ``data`` (0: they lie side by side)."""
        stride = self.stride(data, stride)
        return list(read(self.codec, self.mark, data, stride)) if data else []

    def stride(self, data: bytes, stride: int) -> int:
        """Return the bytes from one value to the next, checked."""
        stride = stride or self.size or 1
        if stride < (self.size or 0) or len(data) % stride:
            raise _too_short(len(data) % stride or stride, max(self.size or 0, stride))
        return stride


def decoder(spec: Spec, type_id: int) -> Decoder:
    """Return what turns the bytes of values into values. Damaged types raise BtfError here."""
    return Decoder(spec, type_id)


def _too_short(length: int, size: int) -> BtfError:
    return BtfError(f"a value of {length} bytes, but its type has {size}")
