# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The JSON of ``bpftool -j btf dump``, or of our own, -> a BTF blob."""

from __future__ import annotations

import json
import struct

from . import detail, kinds, raw
from .errors import BtfError
from .writer import Writer, constant, member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .header import Order

    # what `Writer.add` takes behind the name
    Parts = tuple[int, int, int, list[int]]

# As many types as the kernel takes (BTF_MAX_TYPE).
_MAX_ID = 0xFFFFF
_ENCODINGS = {name: number for number, name in raw.ENCODINGS.items()}


def blob(text: str, order: Order = "little") -> bytes:
    """Return the BTF that a dump was made of; raises BtfError for what is no such dump.

    The dump does not tell the byte order. Ids that it leaves out, because it is of some types only, become void.
    """
    try:
        types = {entry["id"]: entry for entry in json.loads(text)["types"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BtfError("no JSON of bpftool btf dump") from None
    if not all(isinstance(number, int) and 0 < number <= _MAX_ID for number in types):
        raise BtfError("the dump has ids that no type can have")
    writer = Writer(order)
    for number in range(1, max(types, default=0) + 1):
        if number not in types:
            writer.add(kinds.CONST)
            continue
        try:
            _add(writer, types[number])
        except (KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
            raise BtfError(f"type {number} of the dump is incomplete or wrong ({error!r})") from None
    return writer.blob()


def _add(writer: Writer, entry: dict[str, Any]) -> None:
    kind = kinds.NAMES.index(entry["kind"])
    name = _name(entry)
    size, vlen, flag, words = _PARTS.get(kind, _reference)(writer, kind, entry)
    writer.add(kind, name, size, vlen, flag, words)


def _name(entry: dict[str, Any]) -> str:
    return "" if entry["name"] == raw.ANONYMOUS else entry["name"]


def _reference(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return entry["type_id"], 0, 0, []


def _integer(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    encoding = _ENCODINGS[entry["encoding"]]
    return entry["size"], 0, 0, [encoding << 24 | entry["bits_offset"] << 16 | entry["nr_bits"]]


def _array(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return 0, 0, 0, [entry["type_id"], entry["index_type_id"], entry["nr_elems"]]


def _aggregate(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    words = []
    for one in entry["members"]:
        words += member(writer, _name(one), one["type_id"], one["bits_offset"], one.get("bitfield_size", 0))
    flag = int(any("bitfield_size" in one for one in entry["members"]))
    return entry["size"], len(entry["members"]), flag, words


def _enum(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    words = []
    for one in entry["values"]:
        words += constant(writer, kind, _name(one), one["val"])
    # bpftool before 7.0 tells no encoding
    flag = int(entry.get("encoding") == "SIGNED")
    return entry["size"], len(entry["values"]), flag, words


def _forward(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return 0, 0, int(entry["fwd_kind"] == "union"), []


def _function(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return entry["type_id"], detail.LINKAGE.index(entry["linkage"]), 0, []


def _variable(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return entry["type_id"], 0, 0, [detail.LINKAGE.index(entry["linkage"])]


def _prototype(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    words = []
    for one in entry["params"]:
        words += [writer.string(_name(one)), one["type_id"]]
    return entry["ret_type_id"], len(entry["params"]), 0, words


def _section(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    words = []
    for one in entry["vars"]:
        words += [one["type_id"], one["offset"], one["size"]]
    return entry["size"], len(entry["vars"]), 0, words


def _float(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return entry["size"], 0, 0, []


def _tag(writer: Writer, kind: int, entry: dict[str, Any]) -> Parts:
    return entry["type_id"], 0, 0, [entry["component_idx"]]


_PARTS = {
    kinds.INT: _integer,
    kinds.ARRAY: _array,
    kinds.STRUCT: _aggregate,
    kinds.UNION: _aggregate,
    kinds.ENUM: _enum,
    kinds.FWD: _forward,
    kinds.FUNC: _function,
    kinds.FUNC_PROTO: _prototype,
    kinds.VAR: _variable,
    kinds.DATASEC: _section,
    kinds.FLOAT: _float,
    kinds.DECL_TAG: _tag,
    kinds.ENUM64: _enum,
}
