# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The bytes of a value that belong to the kernel: it reads them as zeros and passes over them in writes."""

from __future__ import annotations

from . import kinds
from .owned_names import NAMES, POINTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

# Types that hold others deeper than this were refused when they were compiled.
_DEPTH = 32


def mask(spec: Spec, type_id: int, size: int) -> bytes:
    """Return ``size`` bytes with 255 where a value of a type has bytes of the kernel's; of damaged types BtfError."""
    found = bytearray(size)
    for offset, length in _places(spec, type_id, 0, _DEPTH):
        found[offset : offset + length] = b"\xff" * max(min(length, size - offset), 0)
    return bytes(found)


def _places(spec: Spec, type_id: int, offset: int, depth: int) -> list[tuple[int, int]]:
    """Return (offset, bytes) of each part that is the kernel's."""
    type_id = spec.resolve(type_id)
    kind = spec.kind(type_id)
    if kind == kinds.PTR:
        target = spec.type(type_id).size
        return [(offset, 8)] if spec.kind(target) == kinds.TYPE_TAG and spec.name(target) in POINTERS else []
    if not depth:
        return []
    if kind in (kinds.STRUCT, kinds.UNION):
        if spec.name(type_id) in NAMES:
            return [(offset, spec.type(type_id).size)]
        members = [(member, start // 8) for _name, member, start, _bits in spec.members(type_id)]
    elif kind == kinds.DATASEC:
        members = [(variable, start) for variable, start, _size in spec.variables(type_id)]
    elif kind == kinds.ARRAY:
        return _elements(spec, type_id, offset, depth)
    else:
        return []
    return [place for member, start in members for place in _places(spec, member, offset + start, depth - 1)]


def _elements(spec: Spec, type_id: int, offset: int, depth: int) -> list[tuple[int, int]]:
    element, _index, count = spec.array(type_id)
    one = _places(spec, element, 0, depth - 1)
    if not one:
        return []
    from .layout import Compiler

    size = Compiler(spec).codec(element).size or 0
    return [(offset + number * size + start, length) for number in range(count) for start, length in one]
