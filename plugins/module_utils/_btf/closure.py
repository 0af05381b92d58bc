# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Some types -> those and all that their values are made of."""

from __future__ import annotations

from . import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from .reader import Spec

_REFERENCES = kinds.ALIASES | {kinds.FUNC}


def closure(spec: Spec, type_ids: Iterable[int]) -> list[int]:
    """Return the ids in ascending order, without what is only pointed to: in a kernel that is nearly everything."""
    found: set[int] = set()
    left = list(type_ids)
    while left:
        type_id = left.pop()
        if type_id and type_id not in found:
            found.add(type_id)
            left += _parts(spec, type_id)
    return sorted(found)


def _parts(spec: Spec, type_id: int) -> list[int]:
    kind = spec.kind(type_id)
    if kind in _REFERENCES:
        return [spec.type(type_id).size]
    if kind == kinds.ARRAY:
        element, index, _count = spec.array(type_id)
        return [element, index]
    if kind in (kinds.STRUCT, kinds.UNION):
        return [member for _name, member, _start, _bits in spec.members(type_id)]
    return [variable for variable, _offset, _size in spec.variables(type_id)] if kind == kinds.DATASEC else []
