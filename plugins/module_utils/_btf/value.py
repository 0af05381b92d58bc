# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Bytes of a value + its BTF type -> numbers, text, lists and dicts.

A type is compiled once into a reader; what is done for each value walks no types. Plain numbers stay a format code of
``struct`` as long as possible, so that a struct or an array of them is one C call.

    integer, pointer            number; bool: true or false; encoding char: text
    float                       number, "nan", "inf" or "-inf"; long double: hex
    enum                        name of the constant, else the number
    array                       list; of char: text up to the first NUL
    struct, union, section      dict; members of an anonymous struct or union stand in the outer one
    anything else               hex: "0a 66 00 00"
"""

from __future__ import annotations

import struct
from collections import namedtuple

from . import kinds, scalar
from .errors import BtfError
from .reader import MAX_DEPTH
from .scalar import Codec, single
from .text import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

    from .reader import Spec
    from .scalar import Read

Field = namedtuple("Field", "name offset codec flat")

_MAX_SIZE = 0x7FFFFFFF


def decoder(spec: Spec, type_id: int) -> Callable[[bytes], Any]:
    """Return a function that turns the bytes of a value into the value. Damaged types raise BtfError here.

    The function raises BtfError for data that are shorter than the type, and ignores what is longer.
    """
    codec = _Compiler(spec).codec(type_id)
    read, size = codec.read, codec.size or 0

    def decode(data: bytes) -> Any:
        if len(data) < size:
            raise BtfError(f"a value of {len(data)} bytes, but its type has {size}")
        return read(data, 0)

    return decode


class _Compiler:
    __slots__ = ("done", "spec")

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.done: dict[int, Codec] = {}

    def codec(self, type_id: int, depth: int = 0) -> Codec:
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


def _array(compiler: _Compiler, type_id: int, depth: int) -> Codec:
    spec = compiler.spec
    element_id, _index, count = spec.array(type_id)
    element = compiler.codec(element_id, depth)
    if element.size is None:
        return element
    size = count * element.size
    if scalar.is_char(spec, element_id):
        return single(size, lambda data, offset: text(data[offset : offset + size]))
    if not 0 < size <= _MAX_SIZE:
        # Flexible arrays and elements without a byte: there is nothing to count.
        return single(size, lambda data, offset: [])
    return Codec(size, "", _read_list(spec, element, count), element.depth + 1, count * element.values)


def _read_list(spec: Spec, element: Codec, count: int) -> Read:
    if element.format:
        unpack = struct.Struct(f"{scalar.MARKS[spec.order]}{count}{element.format}").unpack_from
        return lambda data, offset: list(unpack(data, offset))
    read, step = element.read, element.size
    return lambda data, offset: [read(data, at) for at in range(offset, offset + count * step, step)]


def _aggregate(compiler: _Compiler, type_id: int, depth: int) -> Codec:
    """A struct or a union."""
    spec, size = compiler.spec, compiler.spec.type(type_id).size
    fields = []
    for name, member_id, start, bits in spec.members(type_id):
        member_id = spec.resolve(member_id)
        kind = spec.kind(member_id)
        if not bits and kind == kinds.INT:
            start, bits = _old_bitfield(spec, member_id, start)
        if bits:
            codec = single(size, scalar.bitfield(spec, member_id, start, bits, size))
            fields.append(Field(name, 0, codec, False))
        elif start % 8:
            raise spec.error(type_id, f"member {name} of type {type_id} begins within a byte")
        else:
            flat = not name and kind in (kinds.STRUCT, kinds.UNION)
            fields.append(Field(name, start // 8, compiler.codec(member_id, depth), flat))
    return _record(spec, type_id, fields)


def _old_bitfield(spec: Spec, type_id: int, start: int) -> tuple[int, int]:
    """Return (bit offset, bits or 0) of an INT member: before the kind flag (4.20) bitfields had INTs of their own."""
    bits, shift, _encoding = spec.integer(type_id)
    if start % 8 or shift or bits != 8 * spec.type(type_id).size:
        return start + shift, bits
    return start, 0


def _section(compiler: _Compiler, type_id: int, depth: int) -> Codec:
    spec = compiler.spec
    fields = [
        Field(spec.name(variable), offset, compiler.codec(variable, depth), False)
        for variable, offset, _size in spec.variables(type_id)
    ]
    return _record(spec, type_id, fields)


def _record(spec: Spec, type_id: int, fields: list[Field]) -> Codec:
    size = spec.type(type_id).size
    for field in fields:
        if field.offset + (field.codec.size or 0) > size:
            raise spec.error(type_id, f"{field.name} does not fit into the {size} bytes of type {type_id}")
    depth = 1 + max((field.codec.depth for field in fields), default=0)
    values = 1 + sum(field.codec.values for field in fields)
    code = _plain(fields)
    read = _read_plain(scalar.MARKS[spec.order] + code, fields) if code else _read_mixed(size, fields)
    return Codec(size, "", read, depth, values)


def _plain(fields: Iterable[Field]) -> str:
    """Return one format for all fields if they are plain numbers that do not overlap, else ""."""
    code, end = "", 0
    for field in fields:
        if not field.codec.format or field.offset < end:
            return ""
        code += f"{field.offset - end}x{field.codec.format}"
        end = field.offset + field.codec.size
    return code


def _read_plain(code: str, fields: Iterable[Field]) -> Read:
    names = [field.name for field in fields]
    unpack = struct.Struct(code).unpack_from
    return lambda data, offset: dict(zip(names, unpack(data, offset)))


def _read_mixed(size: int, fields: list[Field]) -> Read:
    readers = [(field.name, field.offset, _reader(field, size, fields), field.flat) for field in fields]

    def read(data: bytes, offset: int) -> dict[str, Any]:
        record: dict[str, Any] = {}
        for name, start, part, flat in readers:
            if flat:
                record.update(part(data, offset + start))
            else:
                record[name] = part(data, offset + start)
        return record

    return read


def _reader(field: Field, size: int, fields: Iterable[Field]) -> Read:
    """Return the reader of a field; one of a kind without a size takes the room up to the next."""
    if field.codec.size is not None:
        return field.codec.read
    behind = [other.offset for other in fields if other.offset > field.offset]
    return scalar.hexadecimal(min(behind, default=size) - field.offset)


_CONTAINERS = {
    kinds.ARRAY: _array,
    kinds.STRUCT: _aggregate,
    kinds.UNION: _aggregate,
    kinds.DATASEC: _section,
}
