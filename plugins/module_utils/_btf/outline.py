# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The layout of a type in one line: equal for types whose values are read and written alike.

    struct {u32 address @0; u16[2] ports @4; u32:1 drop @8.0; 12 bytes}

Names of types say nothing about values and are left out, but for structs that the kernel looks for by their name.
"""

from __future__ import annotations

from . import kinds, scalar
from .layout import Compiler, bits_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

_ENUMS = (kinds.ENUM, kinds.ENUM64)
_OF_THE_KERNEL = "bpf_"


def size(spec: Spec, type_id: int) -> int | None:
    """Return the bytes of a value, None for a type that has none; raises BtfError for what no value can have."""
    return Compiler(spec).codec(type_id).size


def outline(spec: Spec, type_id: int) -> str:
    """Return the line of a type; raises BtfError for types that no value can have."""
    size(spec, type_id)  # which is where damage and types within themselves are found
    return _outline(spec, type_id)


def _outline(spec: Spec, type_id: int) -> str:
    found = spec.type(spec.resolve(type_id))
    if found.kind == kinds.ARRAY:
        return _array(spec, type_id)
    type_id = spec.resolve(type_id)
    if found.kind in (kinds.STRUCT, kinds.UNION):
        return _aggregate(spec, type_id)
    if found.kind in _ENUMS:
        constants = ", ".join(f"{name}={value}" for name, value in spec.constants(type_id))
        return f"enum{8 * found.size} {{{constants}}}"
    if found.kind == kinds.INT:
        return _integer(spec, type_id)
    names = {kinds.PTR: "pointer", kinds.FLOAT: f"f{8 * found.size}"}
    return names.get(found.kind, kinds.NAMES[found.kind].lower() if found.kind < len(kinds.NAMES) else "unknown")


def _integer(spec: Spec, type_id: int) -> str:
    bits, _shift, encoding = spec.integer(type_id)
    if encoding & kinds.BOOL:
        return f"bool{bits if bits != 8 else ''}"
    return f"{'s' if encoding & kinds.SIGNED else 'u'}{bits}"


def _array(spec: Spec, type_id: int) -> str:
    """Return an array with its dimensions from the outermost on."""
    counts = ""
    type_id = spec.resolve(type_id)
    while spec.kind(type_id) == kinds.ARRAY:
        element, _index, count = spec.array(type_id)
        counts += f"[{count}]"
        if scalar.is_char(spec, element):
            return "char" + counts
        type_id = spec.resolve(element)
    return _outline(spec, type_id) + counts


def _aggregate(spec: Spec, type_id: int) -> str:
    found = spec.type(type_id)
    word = "union" if found.kind == kinds.UNION else "struct"
    name = f" {found.name}" if found.name.startswith(_OF_THE_KERNEL) else ""
    members = [_member(spec, *one) for one in spec.members(type_id)]
    return f"{word}{name} {{{' '.join([*members, f'{found.size} bytes'])}}}"


def _member(spec: Spec, name: str, type_id: int, start: int, bits: int) -> str:
    start, bits = bits_of(spec, spec.resolve(type_id), start, bits)
    place = f"{start // 8}.{start % 8}" if bits else f"{start // 8}"
    return f"{_outline(spec, type_id)}{f':{bits}' if bits else ''}{f' {name}' if name else ''} @{place};"
