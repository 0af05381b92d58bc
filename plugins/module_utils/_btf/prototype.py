# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""What BTF says about the source of a program: prototypes of functions, and the strings that line_info points at."""

from __future__ import annotations

from . import detail, kinds
from .reader import MAX_DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec, Type

_WORDS = {
    kinds.STRUCT: "struct ",
    kinds.UNION: "union ",
    kinds.ENUM: "enum ",
    kinds.ENUM64: "enum ",
    kinds.VOLATILE: "volatile ",
    kinds.CONST: "const ",
    kinds.RESTRICT: "restrict ",
}
_QUALIFIERS = (kinds.VOLATILE, kinds.CONST, kinds.RESTRICT)


def string(spec: Spec, offset: int) -> str:
    """Return the string at an offset; raises BtfError where none is there."""
    return spec._string(offset)


def prototype(spec: Spec, type_id: int) -> str:
    """Return the prototype of a FUNC as bpftool writes it (``int main(struct xdp_md * ctx)``), "" for other kinds.

    Raises BtfError for damage.
    """
    found = spec.type(type_id)
    return _function(spec, found.size, found.name, MAX_DEPTH) if found.kind == kinds.FUNC else ""


def _function(spec: Spec, type_id: int, name: str, depth: int) -> str:
    text = f"{_type(spec, spec.type(type_id).size, depth)}{name}("
    for number, (parameter, parameter_type) in enumerate(detail.parameters(spec, type_id)):
        text += ", " if number else ""
        if not parameter_type:
            text += "..."
            continue
        text += _type(spec, parameter_type, depth)
        if parameter:
            text += parameter
        elif text.endswith(" "):
            text = text[:-1]
    return text + ")"


def _type(spec: Spec, type_id: int, depth: int) -> str:
    """Return the type with a blank behind it, so that a name may follow."""
    if not type_id:
        return "void "
    if not depth:
        raise spec.error(type_id, "a type refers to itself or to too many others")
    found = spec.type(type_id)
    if found.kind == kinds.ARRAY:
        element, _index, count = spec.array(type_id)
        return f"{_type(spec, element, depth - 1)}[{count}]"
    if found.kind == kinds.PTR:
        return _type(spec, found.size, depth - 1) + "* "
    if found.kind == kinds.FUNC_PROTO:
        return _function(spec, type_id, "", depth - 1)
    if found.kind in _QUALIFIERS:
        return _WORDS[found.kind] + _type(spec, found.size, depth - 1)
    # bpftool gives a function up that has such a tag in it; the tag says nothing about the call.
    if found.kind in (kinds.TYPE_TAG, kinds.DECL_TAG):
        return _type(spec, found.size, depth - 1)
    return _named(found)


def _named(found: Type) -> str:
    if found.kind == kinds.FWD:
        return f"{'union' if found.flag else 'struct'} {found.name} "
    return f"{_WORDS.get(found.kind, '')}{found.name} "
