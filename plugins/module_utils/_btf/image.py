# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""A value while it is put together: its bytes, which of their bits are set, and which fields nobody gave."""

from __future__ import annotations

from .errors import WrongValue


class Image:
    """``size`` bytes that fields are written into. ``mask`` has a bit for each bit that was written."""

    __slots__ = ("_missing", "_written", "data", "mask")

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)
        self.mask = bytearray(size)
        self._written: list[tuple[int, int, str]] = []
        self._missing: list[tuple[int, bytes, str]] = []

    def write(self, offset: int, data: bytes, mask: bytes, field: str) -> None:
        """Write the bits of ``data`` that ``mask`` has.

        Members of a union lie over each other: whoever comes second has to say the same, else WrongValue is raised.
        """
        end = offset + len(data)
        if any(self.mask[offset:end]):
            self._agree(offset, data, mask, field)
        for place, byte, bits in zip(range(offset, end), data, mask):
            self.data[place] |= byte & bits
            self.mask[place] |= bits
        self._written.append((offset, end, field))

    def lack(self, offset: int, mask: bytes, field: str) -> None:
        """Note that a field was not given."""
        self._missing.append((offset, mask, field))

    def missing(self, excused: bytes = b"") -> list[str]:
        """Return the fields that were not given, and whose bits no other member of a union gave either.

        A field of which all bits are in the mask ``excused`` does not have to be given.
        """
        gone = [one for one in self._missing if not self._covers(self.mask, *one[:2])]
        return [field for offset, mask, field in gone if not excused or not self._covers(excused, offset, mask)]

    def merge(self, base: bytes) -> bytes:
        """Return the bytes with those bits of ``base`` that were not written."""
        mask, size = int.from_bytes(self.mask, "little"), len(self.data)
        rest = int.from_bytes(base, "little") & ~mask
        return (int.from_bytes(self.data, "little") | rest).to_bytes(size, "little")

    @staticmethod
    def _covers(whole: bytes | bytearray, offset: int, mask: bytes) -> bool:
        return all(bits & have == bits for bits, have in zip(mask, whole[offset : offset + len(mask)]))

    def _agree(self, offset: int, data: bytes, mask: bytes, field: str) -> None:
        for place, byte, bits in zip(range(offset, offset + len(data)), data, mask):
            if (self.data[place] ^ byte) & bits & self.mask[place]:
                other = next(name for first, end, name in self._written if first <= place < end)
                raise WrongValue(field, f"shares bytes with {other}, and the two say different things")
