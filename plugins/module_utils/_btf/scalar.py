# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types of single values (integers, bitfields, enums, floats, pointers) -> decoders of whole columns of them.

A column is the list of what ``struct`` read at one place of many entries. Decoding it is one pass, mostly in C.
"""

from __future__ import annotations

from collections import namedtuple

from . import kinds
from .text import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Sequence

    from .reader import Spec

    Finish = Callable[[Sequence[Any]], Iterable[Any]]

# size: bytes, None if the kind does not tell.
# code: the format of ``struct`` that reads one item; "" for a container, which ``table`` reads.
# finish: column of items -> values in the same order; None where the items are the values.
# table: (bytes of many values, bytes from one to the next) -> values.
# depth and values: how deep the result nests and how many values it has, to stop types made to explode.
# parts: the fields of a record, (codec of the element, count) of a list, () of a single value.
Codec = namedtuple("Codec", "size code finish table depth values parts")

MARKS = {"little": "<", "big": ">"}
UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}
FLOATS = {2: "e", 4: "f", 8: "d"}


def single(size: int | None, code: str, finish: Finish | None = None) -> Codec:
    """Return the codec of a type that is one value."""
    return Codec(size, code, finish, None, 0, 1, ())


def codec(spec: Spec, type_id: int) -> Codec:
    """Return the codec of a type that is no container; hex where the kind has no value or is not known."""
    return _BUILDERS.get(spec.kind(type_id), _opaque)(spec, type_id)


def hexadecimal(size: int) -> Codec:
    """Return the codec of bytes that have no better form than "0a 66 00 00"."""
    return single(size, f"{size}s", hex_texts)


def hex_texts(column: Sequence[bytes]) -> list[str]:
    """Return each item as "0a 66 00 00"."""
    return [item.hex(" ") for item in column]


def place(spec: Spec, type_id: int, shift: int, bits: int, limit: int) -> tuple[int, int, int]:
    """Return (offset, size, drop) of the bytes that hold a bitfield, and how many bits are below it in their number.

    ``bits`` begin ``shift`` bits into ``limit`` bytes. Where it can be, the bytes are the unit that the compiler reads,
    so that neighbours share it.
    """
    within(spec, type_id, shift, bits, limit)
    size = spec.type(type_id).size
    first = shift // (8 * size) * size if size in UNSIGNED else 0
    if size not in UNSIGNED or first + size > limit or shift + bits > 8 * (first + size):
        first = shift // 8
        size = (shift + bits + 7) // 8 - first
    return first, size, within(spec, type_id, shift - 8 * first, bits, size)


def within(spec: Spec, type_id: int, shift: int, bits: int, size: int) -> int:
    """Return how many bits of a number of ``size`` bytes are below some of its bits."""
    if not 0 < bits <= 128 or shift + bits > 8 * size:
        raise spec.error(type_id, f"{bits} bits at bit {shift} of {size} bytes")
    # Little endian counts bits from the lowest, big endian from the highest.
    return shift if spec.order == "little" else 8 * size - shift - bits


def bitfield(spec: Spec, type_id: int, shift: int, bits: int, limit: int) -> tuple[int, Codec]:
    """Return (offset of the bytes to read, codec) of a bitfield; ``type_id`` says what its bits mean."""
    offset, size, drop = place(spec, type_id, shift, bits, limit)
    return offset, _bits(spec, type_id, size, drop, bits)


def _bits(spec: Spec, type_id: int, size: int, drop: int, bits: int) -> Codec:
    """Return the codec of some bits of a number of ``size`` bytes."""
    mask, order = (1 << bits) - 1, spec.order
    meaning = unsigned_finish(spec, type_id, bits)

    def extract(column: Iterable[int]) -> Iterable[Any]:
        numbers = [number >> drop & mask for number in column]
        return meaning(numbers) if meaning else numbers

    if size in UNSIGNED:
        return single(size, UNSIGNED[size], extract)
    return single(size, f"{size}s", lambda column: extract(int.from_bytes(one, order) for one in column))


def is_char(spec: Spec, type_id: int) -> bool:
    """Tell if an array of these is text. clang says that char is a signed integer, so the name has to do.

    Typedefs are not looked through: what has another name (int8_t) is meant as a number.
    """
    type_id = spec.resolve(type_id, kinds.MODIFIERS)
    if spec.kind(type_id) != kinds.INT or spec.type(type_id).size != 1:
        return False
    return spec.name(type_id) == "char" or bool(spec.integer(type_id)[2] & kinds.CHAR)


def constants(spec: Spec, type_id: int) -> dict[int, str]:
    """Return {number as a value has it: name} of an enum; of several names for one number the first."""
    signed, size = spec.type(type_id).flag, spec.type(type_id).size
    names: dict[int, str] = {}
    # A constant has 64 bits at most; the size that a damaged enum claims can be 4 GB.
    mask = (1 << 8 * min(size, 8)) - 1
    for name, number in spec.constants(type_id):
        # Before 6.0 the -1 of a packed enum is 4294967295, of which only the low bits are meant.
        names.setdefault(number if signed else number & mask, name)
    return names


def unsigned_finish(spec: Spec, type_id: int, bits: int) -> Finish | None:
    """Return what makes values of unsigned numbers of so many bits, None if they are the values."""
    kind = spec.kind(type_id)
    if kind in (kinds.ENUM, kinds.ENUM64):
        get = constants(spec, type_id).get
        if not spec.type(type_id).flag:
            return lambda column: map(get, column, column)
        value = _signed(bits)
        return lambda column: [get(number, number) for number in map(value, column)]
    encoding = spec.integer(type_id)[2] if kind == kinds.INT else 0
    if encoding & kinds.BOOL:
        return lambda column: map(bool, column)
    if encoding & kinds.CHAR and bits == 8:
        return lambda column: [text(bytes((number,))) for number in column]
    if encoding & kinds.SIGNED:
        value = _signed(bits)
        return lambda column: map(value, column)
    return None


def _signed(bits: int) -> Callable[[int], int]:
    sign = 1 << bits >> 1
    return lambda number: (number ^ sign) - sign


def _opaque(_spec: Spec, _type_id: int) -> Codec:
    return single(None, "")


def _pointer(_spec: Spec, _type_id: int) -> Codec:
    # BPF is a 64-bit target whatever the kernel is.
    return single(8, "Q")


def _float(spec: Spec, type_id: int) -> Codec:
    size = spec.type(type_id).size
    return single(size, FLOATS[size], _finite) if size in FLOATS else hexadecimal(size)


def _finite(column: Sequence[float]) -> list[float | str]:
    # NaN and the infinities are no JSON.
    return [number if number - number == 0 else repr(number) for number in column]


def _integer(spec: Spec, type_id: int) -> Codec:
    size = spec.type(type_id).size
    bits, shift, encoding = spec.integer(type_id)
    if bits != 8 * size or size not in UNSIGNED:
        # 128 bits, and the bitfields of before 4.20, where the INT itself tells the bits.
        return _bits(spec, type_id, size, within(spec, type_id, shift, bits, size), bits)
    if encoding & kinds.BOOL and size == 1:
        return single(size, "?")
    if encoding == kinds.SIGNED:
        return single(size, UNSIGNED[size].lower())
    return single(size, UNSIGNED[size], unsigned_finish(spec, type_id, bits))


def _enum(spec: Spec, type_id: int) -> Codec:
    size = spec.type(type_id).size
    if size not in UNSIGNED:
        return hexadecimal(size)
    code = UNSIGNED[size]
    if not spec.type(type_id).flag:
        return single(size, code, unsigned_finish(spec, type_id, 8 * size))
    get = constants(spec, type_id).get
    return single(size, code.lower(), lambda column: map(get, column, column))


_BUILDERS = {
    kinds.INT: _integer,
    kinds.PTR: _pointer,
    kinds.ENUM: _enum,
    kinds.ENUM64: _enum,
    kinds.FLOAT: _float,
}
