# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Where the parts of a value are, by the bit."""

from __future__ import annotations

import re

from .errors import WrongValue
from .fill import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .fill import Filler, Part

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def part_mask(filler: Filler, path: str) -> bytes:
    """Return a mask as long as a value, with the bits of the part that a path like ``flow.ports[1]`` leads to.

    Raises WrongValue, which says what there is instead.
    """
    size, offset, place = len(filler.mask), 0, 0
    while place < len(path):
        step = _STEP.match(path, place)
        if not step:
            raise WrongValue(path, "is no path to a field, like flow.ports[1]")
        place = step.end()
        if step[2]:
            offset, filler = _element(filler, offset, path, int(step[2]))
        else:
            offset, filler = _field(filler, offset, path, step[1])
    return (bytes(offset) + filler.mask).ljust(size, b"\0")


def _element(filler: Filler, offset: int, path: str, number: int) -> tuple[int, Filler]:
    parts = filler.parts
    if parts.__class__ is not tuple or number >= parts[2]:
        raise WrongValue(path, f"there is no element {number}")
    return offset + number * parts[1], parts[0]


def _field(filler: Filler, offset: int, path: str, name: str) -> tuple[int, Filler]:
    fields = _fields(filler.parts) if isinstance(filler.parts, Record) else {}
    if name not in fields:
        raise WrongValue(path, f"there is no field {name}; there are: {', '.join(list(fields)[:20]) or 'none'}")
    part, start = fields[name]
    return offset + start, part.filler


def _fields(record: Record, offset: int = 0) -> dict[str, tuple[Part, int]]:
    """Return name -> (part, offset) of the members, those of anonymous ones among them."""
    found: dict[str, tuple[Part, int]] = {}
    for part in record.parts:
        place = offset + part.offset
        found.update(_fields(part.group, place) if part.group else {part.name: (part, place)})
    return found
