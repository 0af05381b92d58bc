# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types of single values (integers, bitfields, enums, floats, pointers) -> readers of their bytes."""

from __future__ import annotations

import struct
from collections import namedtuple

from . import kinds
from .text import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .reader import Spec

    Read = Callable[[bytes, int], Any]
    Finish = Callable[[int], Any]

# size: bytes, None if the kind does not tell. format: the code of ``struct`` that alone gives the value, else "".
# depth and values: how deep the result nests and how many values it has, to stop types made to explode.
Codec = namedtuple("Codec", "size format read depth values")

MARKS = {"little": "<", "big": ">"}
_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
_FLOAT = {2: "e", 4: "f", 8: "d"}


def single(size: int | None, read: Read) -> Codec:
    """Return the codec of one value that needs more than ``struct``."""
    return Codec(size, "", read, 0, 1)


def codec(spec: Spec, type_id: int) -> Codec:
    """Return the codec of a type that is no container; hex where the kind has no value or is not known."""
    return _BUILDERS.get(spec.kind(type_id), _opaque)(spec, type_id)


def hexadecimal(size: int | None) -> Read:
    """Return the reader of ``size`` bytes, or of all that are left, as "0a 66 00 00"."""

    def read(data: bytes, offset: int) -> str:
        return data[offset : None if size is None else offset + size].hex(" ")

    return read


def bitfield(spec: Spec, type_id: int, shift: int, bits: int, limit: int) -> Read:
    """Return the reader of ``bits`` that begin ``shift`` bits into ``limit`` bytes; ``type_id`` says what they mean."""
    if not 0 < bits <= 128 or shift + bits > 8 * limit:
        raise spec.error(type_id, f"{bits} bits at bit {shift} of {limit} bytes")
    first, last = shift // 8, (shift + bits + 7) // 8
    order = spec.order
    # Little endian counts bits from the lowest, big endian from the highest.
    drop = shift % 8 if order == "little" else 8 * last - shift - bits
    mask = (1 << bits) - 1
    finish = _finish(spec, type_id, bits)

    def read(data: bytes, offset: int) -> Any:
        number = int.from_bytes(data[offset + first : offset + last], order) >> drop & mask
        return finish(number) if finish else number

    return read


def is_char(spec: Spec, type_id: int) -> bool:
    """Tell if an array of these is text. clang says that char is a signed integer, so the name has to do.

    Typedefs are not looked through: what has another name (int8_t) is meant as a number.
    """
    type_id = spec.resolve(type_id, kinds.MODIFIERS)
    if spec.kind(type_id) != kinds.INT or spec.type(type_id).size != 1:
        return False
    return spec.name(type_id) == "char" or bool(spec.integer(type_id)[2] & kinds.CHAR)


def _opaque(_spec: Spec, _type_id: int) -> Codec:
    return single(None, hexadecimal(None))


def _number(spec: Spec, size: int, code: str, finish: Finish | None = None) -> Codec:
    unpack = struct.Struct(MARKS[spec.order] + code).unpack_from
    if finish is None:
        return Codec(size, code, lambda data, offset: unpack(data, offset)[0], 0, 1)
    return single(size, lambda data, offset: finish(unpack(data, offset)[0]))


def _pointer(spec: Spec, _type_id: int) -> Codec:
    # BPF is a 64-bit target whatever the kernel is.
    return _number(spec, 8, "Q")


def _float(spec: Spec, type_id: int) -> Codec:
    size = spec.type(type_id).size
    if size in _FLOAT:
        return _number(spec, size, _FLOAT[size], _finite)
    return single(size, hexadecimal(size))


def _finite(number: float) -> float | str:
    # NaN and the infinities are no JSON.
    return number if number - number == 0 else repr(number)


def _integer(spec: Spec, type_id: int) -> Codec:
    size = spec.type(type_id).size
    bits, shift, encoding = spec.integer(type_id)
    if bits != 8 * size or size not in _UNSIGNED:
        # 128 bits, and the bitfields of before 4.20, where the INT itself tells the bits.
        return single(size, bitfield(spec, type_id, shift, bits, size))
    if encoding & kinds.BOOL and size == 1:
        return _number(spec, size, "?")
    if encoding == kinds.SIGNED:
        return _number(spec, size, _UNSIGNED[size].lower())
    return _number(spec, size, _UNSIGNED[size], _finish(spec, type_id, bits))


def _enum(spec: Spec, type_id: int) -> Codec:
    size = spec.type(type_id).size
    if size in _UNSIGNED:
        return _number(spec, size, _UNSIGNED[size], _constant(spec, type_id, 8 * size))
    return single(size, hexadecimal(size))


def _finish(spec: Spec, type_id: int, bits: int) -> Finish | None:
    """Return what makes a value of an unsigned number of so many bits, None if that is the value."""
    kind = spec.kind(type_id)
    if kind in (kinds.ENUM, kinds.ENUM64):
        return _constant(spec, type_id, bits)
    encoding = spec.integer(type_id)[2] if kind == kinds.INT else 0
    if encoding & kinds.BOOL:
        return bool
    if encoding & kinds.CHAR and bits == 8:
        return lambda number: text(bytes((number,)))
    return _signed(bits) if encoding & kinds.SIGNED else None


def _signed(bits: int) -> Finish:
    sign = 1 << bits >> 1
    return lambda number: (number ^ sign) - sign


def _constant(spec: Spec, type_id: int, bits: int) -> Finish:
    signed, size = spec.type(type_id).flag, spec.type(type_id).size
    names: dict[int, str] = {}
    # A constant has 64 bits at most; the size that a damaged enum claims can be 4 GB.
    mask = (1 << 8 * min(size, 8)) - 1
    for name, number in spec.constants(type_id):
        # Before 6.0 the -1 of a packed enum is 4294967295, of which only the low bits are meant. The first name wins.
        names.setdefault(number if signed else number & mask, name)
    if not signed:
        return lambda number: names.get(number, number)
    value = _signed(bits)
    return lambda number: names.get(value(number), value(number))


_BUILDERS = {
    kinds.INT: _integer,
    kinds.PTR: _pointer,
    kinds.ENUM: _enum,
    kinds.ENUM64: _enum,
    kinds.FLOAT: _float,
}
