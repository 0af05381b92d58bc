# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types -> the JSON of ``bpftool -j btf dump``."""

from __future__ import annotations

import json

from . import detail, kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

    from .reader import Spec

ANONYMOUS = "(anon)"
ENCODINGS = {0: "(none)", kinds.SIGNED: "SIGNED", kinds.CHAR: "CHAR", kinds.BOOL: "BOOL"}
UNKNOWN_ENCODING = "UNKN"

_encode = json.JSONEncoder(separators=(",", ":")).encode


def text(spec: Spec, type_ids: Iterable[int] | None = None) -> str:
    """Return the dump of all types of a Spec, or of some, as one text; raises BtfError for damage."""
    wanted = detail.own_ids(spec) if type_ids is None else type_ids
    return '{"types":[' + ",".join([_encode(entry(spec, type_id)) for type_id in wanted]) + "]}"


def entry(spec: Spec, type_id: int) -> dict[str, Any]:
    """Return one type in bpftool's words."""
    kind = spec.kind(type_id)
    found: dict[str, Any] = {
        "id": type_id,
        # A kind of a newer kernel, whose length the layout section tells, is its number.
        "kind": kinds.NAMES[kind] if kind < len(kinds.NAMES) else str(kind),
        "name": spec.name(type_id) or ANONYMOUS,
    }
    _DETAILS.get(kind, _nothing)(spec, type_id, found)
    return found


def _nothing(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    pass


def _integer(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    bits, shift, encoding = spec.integer(type_id)
    found["size"] = spec.type(type_id).size
    found["bits_offset"] = shift
    found["nr_bits"] = bits
    found["encoding"] = ENCODINGS.get(encoding, UNKNOWN_ENCODING)


def _reference(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    found["type_id"] = spec.type(type_id).size


def _array(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    found["type_id"], found["index_type_id"], found["nr_elems"] = spec.array(type_id)


def _aggregate(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    own = spec.type(type_id)
    found["size"] = own.size
    found["vlen"] = own.vlen
    members: list[dict[str, Any]] = []
    found["members"] = members
    for name, member, offset, bits in spec.members(type_id):
        one = {"name": name or ANONYMOUS, "type_id": member, "bits_offset": offset}
        if bits:
            one["bitfield_size"] = bits
        members.append(one)


def _enum(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    own = spec.type(type_id)
    found["encoding"] = "SIGNED" if own.flag else "UNSIGNED"
    found["size"] = own.size
    found["vlen"] = own.vlen
    found["values"] = [{"name": name or ANONYMOUS, "val": value} for name, value in spec.constants(type_id)]


def _forward(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    found["fwd_kind"] = "union" if spec.type(type_id).flag else "struct"


def _function(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    _reference(spec, type_id, found)
    found["linkage"] = _linkage(spec, type_id)


def _linkage(spec: Spec, type_id: int) -> str:
    number = detail.linkage(spec, type_id)
    return detail.LINKAGE[number] if number < len(detail.LINKAGE) else "(unknown)"


def _prototype(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    own = spec.type(type_id)
    found["ret_type_id"] = own.size
    found["vlen"] = own.vlen
    pairs = detail.parameters(spec, type_id)
    found["params"] = [{"name": name or ANONYMOUS, "type_id": parameter} for name, parameter in pairs]


def _section(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    own = spec.type(type_id)
    found["size"] = own.size
    found["vlen"] = own.vlen
    found["vars"] = [
        {"type_id": variable, "offset": offset, "size": size} for variable, offset, size in spec.variables(type_id)
    ]


def _float(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    found["size"] = spec.type(type_id).size


def _tag(spec: Spec, type_id: int, found: dict[str, Any]) -> None:
    _reference(spec, type_id, found)
    found["component_idx"] = detail.component(spec, type_id)


_REFERENCES = (kinds.PTR, kinds.TYPEDEF, kinds.VOLATILE, kinds.CONST, kinds.RESTRICT, kinds.TYPE_TAG)
_DETAILS = {
    **dict.fromkeys(_REFERENCES, _reference),
    kinds.INT: _integer,
    kinds.ARRAY: _array,
    kinds.STRUCT: _aggregate,
    kinds.UNION: _aggregate,
    kinds.ENUM: _enum,
    kinds.FWD: _forward,
    kinds.FUNC: _function,
    kinds.FUNC_PROTO: _prototype,
    kinds.VAR: _function,
    kinds.DATASEC: _section,
    kinds.FLOAT: _float,
    kinds.DECL_TAG: _tag,
    kinds.ENUM64: _enum,
}
