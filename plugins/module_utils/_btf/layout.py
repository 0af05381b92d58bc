# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types that hold others (arrays, structs, unions, sections) -> codecs."""

from __future__ import annotations

from collections import namedtuple

from . import kinds, scalar, table
from .reader import MAX_DEPTH
from .scalar import Codec, single
from .text import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

Field = namedtuple("Field", "name offset codec")

_MAX_SIZE = 0x7FFFFFFF


class Compiler:
    """Compiles the types of one Spec, each once."""

    __slots__ = ("done", "mark", "spec")

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.mark = scalar.MARKS[spec.order]
        self.done: dict[int, Codec] = {}

    def codec(self, type_id: int, depth: int = 0) -> Codec:
        """Return the codec of a type; raises BtfError for types that no value can have."""
        type_id = self.spec.resolve(type_id)
        codec = self.done.get(type_id)
        if codec is None:
            # A type that contains itself ends here.
            if depth > MAX_DEPTH:
                raise self.spec.error(type_id, f"type {type_id} is nested deeper than {MAX_DEPTH}")
            codec = self.done[type_id] = self._build(type_id, depth + 1)
            _check(self.spec, type_id, codec)
        return codec

    def _build(self, type_id: int, depth: int) -> Codec:
        build = _CONTAINERS.get(self.spec.kind(type_id))
        return build(self, type_id, depth) if build else scalar.codec(self.spec, type_id)


def _check(spec: Spec, type_id: int, codec: Codec) -> None:
    """Refuse what no real type is, but what a few hundred bytes of BTF can describe."""
    size = codec.size or 0
    if size > _MAX_SIZE:
        raise spec.error(type_id, f"type {type_id} has {size} bytes")
    if codec.depth > MAX_DEPTH:
        raise spec.error(type_id, f"type {type_id} is nested deeper than {MAX_DEPTH}")
    if codec.values > 4096 + 64 * size:
        raise spec.error(type_id, f"type {type_id} makes {codec.values} values out of {size} bytes")


def _array(compiler: Compiler, type_id: int, depth: int) -> Codec:
    spec = compiler.spec
    element_id, _index, count = spec.array(type_id)
    element = compiler.codec(element_id, depth)
    if element.size is None:
        return element
    size = count * element.size
    if scalar.is_char(spec, element_id):
        return single(size, f"{size}s", texts)
    if not 0 < size <= _MAX_SIZE:
        # Flexible arrays and elements without a byte: there is nothing to count.
        return single(size, f"{size}s", lambda column: [[] for _item in column])
    plain = element.code and not element.finish and not element.code.endswith("s")
    make = table.numbers if plain else table.lists
    values = make(compiler.mark, element, count)
    return Codec(size, "", None, values, element.depth + 1, count * element.values, (element, count))


def _aggregate(compiler: Compiler, type_id: int, depth: int) -> Codec:
    """A struct or a union."""
    spec, size = compiler.spec, compiler.spec.type(type_id).size
    fields: list[Field] = []
    for name, member_id, start, bits in spec.members(type_id):
        member_id = spec.resolve(member_id)
        start, bits = bits_of(spec, member_id, start, bits)
        if bits:
            fields.append(Field(name, *scalar.bitfield(spec, member_id, start, bits, size)))
            continue
        if start % 8:
            raise spec.error(type_id, f"member {name} of type {type_id} begins within a byte")
        codec = compiler.codec(member_id, depth)
        if is_anonymous(spec, name, member_id):
            _fit(spec, type_id, Field(name, start // 8, codec))
            fields += [part._replace(offset=part.offset + start // 8) for part in codec.parts]
        else:
            fields.append(Field(name, start // 8, codec))
    return _record(compiler, type_id, fields)


def is_anonymous(spec: Spec, name: str, type_id: int) -> bool:
    """Tell if the members of a member stand among those of the struct around it; ``type_id`` is resolved."""
    return not name and spec.kind(type_id) in (kinds.STRUCT, kinds.UNION)


def bits_of(spec: Spec, type_id: int, start: int, bits: int) -> tuple[int, int]:
    """Return (bit offset, bits or 0) of a member: before the kind flag (4.20) bitfields had INTs of their own."""
    if bits or spec.kind(type_id) != kinds.INT:
        return start, bits
    bits, shift, _encoding = spec.integer(type_id)
    if start % 8 or shift or bits != 8 * spec.type(type_id).size:
        return start + shift, bits
    return start, 0


def _section(compiler: Compiler, type_id: int, depth: int) -> Codec:
    spec = compiler.spec
    fields = [
        Field(spec.name(variable), offset, compiler.codec(variable, depth))
        for variable, offset, _size in spec.variables(type_id)
    ]
    return _record(compiler, type_id, fields)


def _record(compiler: Compiler, type_id: int, fields: list[Field]) -> Codec:
    spec, size = compiler.spec, compiler.spec.type(type_id).size
    for field in fields:
        _fit(spec, type_id, field)
    fields = [field if field.codec.size is not None else _room(field, size, fields) for field in fields]
    depth = 1 + max((field.codec.depth for field in fields), default=0)
    values = 1 + sum(field.codec.values for field in fields)
    if not size:
        return Codec(0, "0s", _empty(fields), None, depth, values, tuple(fields))
    return Codec(size, "", None, table.records(compiler.mark, size, fields), depth, values, tuple(fields))


def _fit(spec: Spec, type_id: int, field: Field) -> None:
    size = spec.type(type_id).size
    if field.offset + (field.codec.size or 0) > size:
        raise spec.error(type_id, f"{field.name} does not fit into the {size} bytes of type {type_id}")


def _room(field: Field, size: int, fields: list[Field]) -> Field:
    """Give a field of a kind without a size the room up to the next."""
    behind = [other.offset for other in fields if other.offset > field.offset]
    return field._replace(codec=scalar.hexadecimal(min(behind, default=size) - field.offset))


def _empty(fields: list[Field]):
    """Return what finishes a column of records without a byte."""

    def one() -> dict:
        return {field.name: next(iter(field.codec.finish([b""]))) for field in fields}

    return lambda column: [one() for _item in column]


_CONTAINERS = {
    kinds.ARRAY: _array,
    kinds.STRUCT: _aggregate,
    kinds.UNION: _aggregate,
    kinds.DATASEC: _section,
}
