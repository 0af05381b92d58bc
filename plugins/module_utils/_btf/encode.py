# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Numbers, text, lists and dicts + their BTF type -> bytes of values; the way back of `value`.

What decoding returned encodes to the same bytes, padding apart, wherever a value says all of them; `typed` finds the
rest. A value may also have integers as text (decimal, 0x), constants of an enum by number and, where that is asked for,
not all of its fields. Of a union any members will do, as long as they mean the same bytes.
"""

from __future__ import annotations

import struct

from . import layout, leaf
from .errors import WrongValue
from .fill import NOT_PLAIN, doubts
from .image import Image
from .parts import part_mask
from .walk import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from .reader import Spec

# Values are put together in memory. No map of this kernel generation has longer ones by far.
MAX_SIZE = 1 << 26


class Encoder:
    """Turns values of one type into bytes. ``size`` is that of the type, None where it tells none.

    ``mask`` has a bit for each bit that a value decides; the others are padding. ``exact``: all decoded values encode
    to the same bytes, padding apart.
    """

    __slots__ = ("_filler", "_mark", "_padding", "exact", "mask", "size")

    def __init__(self, spec: Spec, type_id: int) -> None:
        compiler = layout.Compiler(spec)
        self.size = compiler.codec(type_id).size
        if (self.size or 0) > MAX_SIZE:
            raise spec.error(type_id, f"a value of {self.size} bytes is too long to be encoded")
        self._filler = Walk(compiler).filler(type_id) if self.size is not None else None
        self._mark = compiler.mark
        self.mask = self._filler.mask if self._filler else b""
        self.exact = self._filler.exact if self._filler else True
        self._padding = ~int.from_bytes(self.mask, "little")

    def __call__(self, value: Any, field: str = "", unlisted: str = "error", before: bytes | None = None) -> bytes:
        """Return the bytes of a value; WrongValue names the field, below ``field``, that does not fit.

        ``unlisted`` says what becomes of fields that are not given: "error", "zero", or "keep", which takes them from
        ``before``, the old bytes. Padding is that of ``before``, else zero.
        """
        if self._filler is None:
            return leaf.hex_bytes(value, field)
        image = Image(self.size)
        self._filler.fill(image, 0, value, field)
        missing = image.missing()
        if missing and (unlisted == "error" or (unlisted == "keep" and before is None)):
            reason = "is missing" if unlisted == "error" else "is missing, and there is no old value to keep it from"
            raise WrongValue(", ".join(missing[:5]) + (", ..." if len(missing) > 5 else ""), reason)
        if before is None:
            return bytes(image.data)
        return image.merge(before if unlisted == "keep" else self.padding(before))

    def part(self, value: Any, field: str = "", excused: bytes = b"") -> tuple[bytes, bytes, list[str]]:
        """Return (bytes, mask of the bits that the value gives, fields that it does not give) of a value.

        Fields within the mask ``excused`` are never missing. WrongValue names the field that does not fit.
        """
        if self._filler is None:
            data = leaf.hex_bytes(value, field)
            return data, b"\xff" * len(data), []
        image = Image(self.size)
        self._filler.fill(image, 0, value, field)
        return bytes(image.data), bytes(image.mask), image.missing(excused)

    def bits(self, path: str) -> bytes:
        """Return the mask of the part that a path like ``flow.ports[1]`` leads to; WrongValue says what there is."""
        return part_mask(self._filler, path) if self._filler else b""

    def many(self, values: Sequence[Any], field: str = "") -> list[bytes]:
        """Return the bytes of complete values; WrongValue names the field below "FIELD[number of the value]"."""
        pack = self._filler and self._filler.pack
        if values and self._filler and self._filler.code and not isinstance(values, str):
            try:
                items = pack(values) if pack else values
                return list(map(struct.Struct(self._mark + self._filler.code.lstrip("|")).pack, items))
            except NOT_PLAIN:
                pass
        return [self(value, f"{field}[{number}]") for number, value in enumerate(values)]

    def doubtful(self) -> list[tuple[int, int, Any]] | None:
        """Return (offset, size, test) of bytes whose value may not lead back to them; None if nothing tells which."""
        return doubts(self._filler) if self._filler else []

    def padding(self, data: bytes) -> bytes:
        """Return the bytes of one value with everything but its padding made zero."""
        return (int.from_bytes(data, "little") & self._padding).to_bytes(len(data), "little")
