# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The maps that an object file declares in its section .maps.

    struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); ... } flows SEC(".maps");

A number is the length of an array that a member points to; a type is what a member points to.
"""

from __future__ import annotations

from collections import namedtuple

from . import kinds
from .errors import BtfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

_SECTION = ".maps"
# Numbers by the names of bpf_attr (``type``, ``key_size``, ...), ids of the types of key and value (0: none), and the
# declaration of the maps within it.
Declared = namedtuple("Declared", "numbers key value inner")
_TYPES = ("key", "value")


def declared(spec: Spec, name: str) -> Declared:
    """Return what an object file says of a map; raises BtfError, also where there is no such map."""
    names = {}
    for type_id in range(1, spec.count()):
        if spec.kind(type_id) == kinds.DATASEC and spec.name(type_id) == _SECTION:
            names.update({spec.name(variable): variable for variable, _offset, _size in spec.variables(type_id)})
    if name not in names:
        told = ", ".join(sorted(names)) or "none at all"
        raise BtfError(f"it declares no map {name} in {_SECTION}; there are: {told}")
    return _declared(spec, names[name], True)


def _declared(spec: Spec, type_id: int, outer: bool) -> Declared:
    numbers, types, inner = {}, {"key": 0, "value": 0}, None
    for name, member, _start, _bits in spec.members(spec.resolve(type_id)):
        if name == "values":
            inner = _inner(spec, member) if outer else None
        elif name in _TYPES:
            types[name] = _pointed(spec, member)
        else:
            numbers[name] = spec.array(_pointed(spec, member))[2]
    return Declared(numbers, types["key"], types["value"], inner)


def _inner(spec: Spec, member: int) -> Declared | None:
    """Return the maps within a map; the values of a prog_array are functions and say nothing of it."""
    element = spec.resolve(spec.array(spec.resolve(member))[0])
    target = spec.resolve(_pointed(spec, element))
    return _declared(spec, target, False) if spec.kind(target) == kinds.STRUCT else None


def _pointed(spec: Spec, type_id: int) -> int:
    type_id = spec.resolve(type_id)
    if spec.kind(type_id) != kinds.PTR:
        raise spec.error(type_id, "a member of a map's declaration is no pointer")
    return spec.type(type_id).size
