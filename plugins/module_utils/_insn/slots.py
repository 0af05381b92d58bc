# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The bytes of a program <-> its slots of 8 bytes, in one form for both byte orders.

The form is that of a little-endian kernel: opcode, registers (destination in the low half), offset of 16 bits,
immediate of 32 bits. As one number of 64 bits a slot has the opcode lowest. A tail of less than 8 bytes is no
instruction, and is left out everywhere.
"""

from __future__ import annotations

import struct
import sys

from . import opcode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Order = Literal["little", "big"]

SIZE = 8
NATIVE: Order = sys.byteorder
_SWAPPED = bytes(number >> 4 | number << 4 & 0xF0 for number in range(256))
_WIDE = bytes((opcode.WIDE,))


def little(data: bytes, order: Order = NATIVE) -> bytes:
    """Return the slots of a program in the one form; applied to that with the same order, the bytes as they were."""
    data = bytes(data[: len(data) // SIZE * SIZE])
    if order == "little":
        return data
    turned = bytearray(data)
    turned[1::SIZE] = data[1::SIZE].translate(_SWAPPED)
    for new, old in ((2, 3), (3, 2), (4, 7), (5, 6), (6, 5), (7, 4)):
        turned[new::SIZE] = data[old::SIZE]
    return bytes(turned)


def numbers(data: bytes) -> tuple[int, ...]:
    """Return the slots of the one form as numbers."""
    return struct.unpack(f"<{len(data) // SIZE}Q", data)


def wide(data: bytes) -> list[int]:
    """Return the slots at which an instruction of two slots begins; one in the last slot has lost its second."""
    codes = data[::SIZE]
    found = []
    slot = codes.find(_WIDE)
    while slot >= 0:
        found.append(slot)
        slot = codes.find(_WIDE, slot + 2)
    return found
