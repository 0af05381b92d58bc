# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Keys and values by their BTF type."""

from __future__ import annotations

import re
import struct

from .._btf import table
from .._btf.errors import WrongValue
from .._btf.jsonlines import Texts
from .._btf.typed import Typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from .._btf.reader import Spec

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class BtfForm:
    """A `Form` of a BTF type; made of damaged types it raises BtfError."""

    quote = "%s"
    octets = False

    def __init__(self, spec: Spec, type_id: int, size: int, padding_counts: bool) -> None:
        self._typed = Typed(spec, type_id, padding_counts)
        if self._typed.size not in (None, size):
            raise WrongValue("", f"its BTF type has {self._typed.size} bytes, and there are {size}")
        self.size = size
        self._texts: Texts | None = None
        mask = self._typed.encode.mask
        # Bits that are not in the value, yet tell two keys apart.
        self._holes = bytes(byte ^ 255 for byte in mask) if padding_counts and mask.count(255) < len(mask) else b""

    def many(self, data: bytes, stride: int = 0) -> tuple[Sequence[Any], dict[int, bytes]]:
        """Return (values, {number of a value: its bytes}), the latter for those that encode to other bytes."""
        return self._typed.many(data, stride or self.size)

    def texts(self, data: bytes, stride: int = 0) -> tuple[Any, bool]:
        """Return (JSON texts, True), or (None, False) where bytes may say more than the values do."""
        stride = stride or self.size
        if not self._typed.encode.exact or self._padded(data, stride):
            return None, False
        if self._texts is None:
            self._texts = Texts(self._typed.decode)
        return self._texts.many(data, stride), True

    def encode(self, value: Any, field: str = "") -> bytes:
        """Return the bytes of a value; raises WrongValue, which names the field."""
        return self._typed.encode(value, field)

    def encode_many(self, values: Sequence[Any]) -> list[bytes]:
        """Return the bytes of many complete values; WrongValue does not say which of them does not fit."""
        return self._typed.encode.many(values)

    def part(self, value: Any, field: str, excused: bytes) -> tuple[bytes, bytes, list[str]]:
        """Return (bytes, mask of the bits that the value gives, missing fields), see `Encoder.part`."""
        return self._typed.encode.part(value, field, excused)

    @property
    def mask(self) -> bytes:
        """The bits that a whole value decides; the others are padding."""
        return self._typed.encode.mask.ljust(self.size, b"\0")

    def bits(self, path: str) -> bytes:
        """Return the mask of the bits that a path like ``flow.ports[1]`` leads to; WrongValue says what there is."""
        return self._typed.encode.bits(path).ljust(self.size, b"\0")

    def column(self, path: str, data: bytes, stride: int = 0) -> Sequence[Any]:
        """Return what a path like ``flow.ports[1]`` leads to, for each value; nothing else of them is decoded."""
        offset, codec = self._place(path)
        stride = stride or self.size
        if not path or codec.size is None:
            return self._typed.decode.many(data, stride)
        row = f"{self._typed.decode.mark}{offset}x{table.code(codec)}{stride - offset - codec.size}x"
        items = [item for (item,) in struct.iter_unpack(row, data)]
        return list(table.column(codec, items))

    def _place(self, path: str) -> tuple[int, Any]:
        """Return (offset, codec) of a part; WrongValue says what there is instead."""
        offset, codec = 0, self._typed.decode.codec
        for name, index in _STEP.findall(path):
            parts = codec.parts
            is_list = len(parts) == 2 and isinstance(parts[1], int)
            if index:
                if not is_list or int(index) >= parts[1]:
                    raise WrongValue(path, f"there is no element {index}")
                codec = parts[0]
                offset += int(index) * codec.size
                continue
            fields = {} if is_list else {part.name: part for part in parts}
            if name not in fields:
                raise WrongValue(path, f"there is no field {name}; there are: {', '.join(fields) or 'none'}")
            offset += fields[name].offset
            codec = fields[name].codec
        return offset, codec

    def _padded(self, data: bytes, stride: int) -> bool:
        if not self._holes:
            return False
        ones = self._holes.ljust(stride, b"\0") * (len(data) // stride)
        return bool(int.from_bytes(data, "little") & int.from_bytes(ones, "little"))
