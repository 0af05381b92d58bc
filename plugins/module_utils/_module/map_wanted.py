# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The definition of a map that a task gives: its options, C text, and what an object file declares."""

from __future__ import annotations

import sys

from .._btf.errors import BtfError
from .._kernel import cpus
from .._uapi import map_flags
from .._view import map_definition as definition
from .._view import record
from .pin_place import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec

_SHAPE: dict[str, Any] = {
    "type": {"type": "str", "choices": list(definition.TYPES)},
    "key_size": {"type": "int", "no_log": False},
    "value_size": {"type": "int"},
    "max_entries": {"type": "int"},
    "flags": {"type": "list", "elements": "str", "choices": list(definition.FLAGS)},
}
_INNER = dict(_SHAPE, type=dict(_SHAPE["type"], required=True))
SPEC: dict[str, Any] = {
    **_SHAPE,
    "map_extra": {"type": "int"},
    "numa_node": {"type": "int"},
    "name": {"type": "str"},
    "inner_map": {"type": "dict", "options": _INNER},
    "key_type": {"type": "raw", "no_log": False},
    "value_type": {"type": "raw"},
    "types": {"type": "str"},
    "object": {"type": "path"},
    "object_map": {"type": "str"},
}
RULES = {
    "required_together": [("object", "object_map")],
    "mutually_exclusive": [("object", "key_type"), ("object", "value_type"), ("object", "types")],
}
# a number of 32 bits, of which the last is NUMA_NO_NODE
_NO_NODE = (1 << 32) - 1
_PLAIN = (*_SHAPE, "map_extra", "name", "inner_map")
_NUMBERS = ("key_size", "value_size", "max_entries", "map_extra")


class Wanted:
    """``definition`` is what is compared; ``btf``, ``key`` and ``value`` are the types that a new map gets, and
    ``numa_node`` is where its memory is. Of that the kernel tells a flag alone.
    """

    def __init__(self, params: dict[str, Any]) -> None:
        self.btf, self.key, self.value, self.numa_node = b"", 0, 0, params["numa_node"]
        given = {name: params[name] for name in _PLAIN if params[name] is not None}
        if given.get("inner_map"):
            given["inner_map"] = {name: value for name, value in given["inner_map"].items() if value is not None}
        if params["object"]:
            given = self._of_object(params["object"], params["object_map"], given)
        else:
            self._of_text(params, given)
        if self.numa_node is not None:
            self._on_node(given)
        self._possible = len(cpus.possible()) if given else 1
        self.definition = definition.complete(given, self._possible)

    def _on_node(self, given: dict[str, Any]) -> None:
        if not 0 <= self.numa_node < _NO_NODE:
            raise Refusal(f"numa_node: {self.numa_node} is no number of a node")
        if "type" in given or "flags" in given:
            given["flags"] = [*given.get("flags", ()), "numa_node"]

    def kept(self) -> dict[str, Any]:
        """Return what a map that was made like this tells of itself."""
        return definition.kept(self.definition, self._possible)

    def _of_text(self, params: dict[str, Any], given: dict[str, Any]) -> None:
        names = [name for name in ("key_type", "value_type") if params[name] is not None]
        if not names:
            if params["types"] is not None:
                raise Refusal("types declares C types for key_type and value_type: neither is given")
            return
        from .._btf import ctext, members
        from .._btf.reader import Spec

        parser = ctext.Parser(sys.byteorder)
        ids = {"key_type": 0, "value_type": 0}
        for name in ("types", *names):
            try:
                last = parser.read(members.text(params[name] or ""))
            except BtfError as error:
                raise Refusal(f"{name}: {error}") from None
            if name in ids and not last:
                raise Refusal(f"{name}: it declares no type")
            ids[name] = last
        key, value = ids["key_type"], ids["value_type"]
        if "type" in given and not definition.takes_types(given["type"], bool(key), bool(value)):
            raise Refusal(f"{definition.types_of(given['type'])}, not {' and '.join(names)}")
        self._typed(Spec(parser.writer.blob()), key, value, given, "the task")

    def _of_object(self, path: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
        from .._btf import mapdef, source
        from .config_file import read

        content = read(path)
        if content is None:
            raise Refusal(f"there is no file {path}")
        try:
            spec = source.spec(content)
            if spec.order != sys.byteorder:
                raise BtfError(f"it is for machines of the other byte order ({spec.order} endian)")
            told = mapdef.declared(spec, name)
        except BtfError as error:
            raise Refusal(f"cannot take map {name} from {path}: {error}") from None
        if self.numa_node is None:
            self.numa_node = told.numbers.get("numa_node")
        given = {**_numbers(told.numbers), "name": name[:15], **given}
        if told.inner is not None and "inner_map" not in given:
            inner = _numbers(told.inner.numbers)
            _sizes(spec, told.inner.key, told.inner.value, inner, path)
            given["inner_map"] = inner
        _sizes(spec, told.key, told.value, given, path)
        if definition.takes_types(given["type"], bool(told.key), bool(told.value)):
            self._typed(spec, told.key, told.value, given, path)
        return given

    def _typed(self, spec: Spec, key: int, value: int, given: dict[str, Any], where: str) -> None:
        """Note types and their sizes, which have to agree with those that are given."""
        from .._btf.excerpt import excerpt
        from .._btf.outline import outline

        _sizes(spec, key, value, given, where)
        try:
            given.update(
                {
                    name: outline(spec, type_id)
                    for name, type_id in (("key_type", key), ("value_type", value))
                    if type_id
                }
            )
            self.btf, (self.key, self.value) = excerpt(spec, [key, value])
        except BtfError as error:
            raise Refusal(f"the types of {where} cannot be those of a map: {error}") from None


def _numbers(told: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {name: told[name] for name in _NUMBERS if name in told}
    result["type"] = definition.name_of(told.get("type", 0))
    result["flags"] = record.flag_names(map_flags.NAMES, told.get("map_flags", 0))
    return result


def _sizes(spec: Spec, key: int, value: int, given: dict[str, Any], where: str) -> None:
    from .._btf.outline import size

    for name, type_id in (("key_size", key), ("value_size", value)):
        if not type_id:
            continue
        try:
            there = size(spec, type_id)
        except BtfError as error:
            raise Refusal(f"the types of {where} cannot be those of a map: {error}") from None
        if not there:
            raise Refusal(f"{name[:-5]}_type of {where} has no size")
        if given.setdefault(name, there) != there:
            raise Refusal(f"{name} is {given[name]}, but the type of {where} has {there} bytes")
