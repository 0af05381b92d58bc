# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types of single values -> what turns a value into its number or bytes, and says what is wrong with it."""

from __future__ import annotations

import math
import re
import struct
from collections import namedtuple

from . import kinds, scalar
from .errors import WrongValue
from .text import untext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .reader import Spec

    Number = Callable[[Any, str], int]
    Convert = Callable[[Any, str], bytes]

# convert: (value, field) -> bytes. code and pack: the way for whole columns, where the type has one (see `pack`).
# mask: a bit for each bit that the value decides. comes_back: bytes -> whether their value leads back to them; None
# where all do.
Leaf = namedtuple("Leaf", "convert mask comes_back code pack")

_NUMBER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)")
_HEX = re.compile(r"([0-9a-fA-F]{2}([ :]?|$))*")
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def leaf(spec: Spec, type_id: int) -> Leaf:
    """Return the leaf of a type that is no container and has a size."""
    return _BUILDERS[spec.kind(type_id)](spec, type_id)


def bits(spec: Spec, type_id: int, size: int, drop: int, width: int) -> Leaf:
    """Return the leaf of some bits of a number of ``size`` bytes, ``drop`` of which are below them."""
    number, order = number_of(spec, type_id, width), spec.order
    mask = (((1 << width) - 1) << drop).to_bytes(size, order)

    def convert(value: Any, field: str) -> bytes:
        return (number(value, field) << drop).to_bytes(size, order)

    code = f"|{scalar.UNSIGNED[size]}" if size in scalar.UNSIGNED else ""

    def pack(column: list[Any]) -> list[int]:
        return [number(value, "") << drop for value in column]

    canonical = _canonical(spec, type_id, width)
    if canonical is None:
        return Leaf(convert, mask, None, code, pack)
    ones = (1 << width) - 1
    return Leaf(convert, mask, lambda data: canonical(int.from_bytes(data, order) >> drop & ones), code, pack)


def characters(size: int) -> Leaf:
    """Return the leaf of an array of characters."""

    def convert(value: Any, field: str) -> bytes:
        if not isinstance(value, str):
            raise WrongValue(field, f"{_shown(value)} is no text; quote it if it was meant as such")
        data = _encoded(value, field)
        if len(data) > size:
            raise WrongValue(field, f"a text of {len(data)} bytes, but there is room for {size}")
        return data.ljust(size, b"\0")

    def pack(column: list[str]) -> list[bytes]:
        # ``struct`` fills up with zeros; it would also cut what is too long.
        items = list(map(untext, column))
        if items and max(map(len, items)) > size:
            raise ValueError
        return items

    def comes_back(data: bytes) -> bool:
        return b"\0" not in data.rstrip(b"\0")

    return Leaf(convert, b"\xff" * size, comes_back if size else None, f"{size}s", pack)


def hexadecimal(size: int) -> Leaf:
    """Return the leaf of bytes that are written as "0a 66 00 00"."""

    def convert(value: Any, field: str) -> bytes:
        data = hex_bytes(value, field)
        if len(data) != size:
            raise WrongValue(field, f"{len(data)} bytes, but the type has {size}")
        return data

    return Leaf(convert, b"\xff" * size, None, "", None)


def hex_bytes(value: Any, field: str) -> bytes:
    """Return the bytes of "0a 66 00 00"; a text without spaces and one with colons do too."""
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise WrongValue(field, f'{_shown(value)} is no text of hexadecimal bytes like "0a 66"')
    return bytes.fromhex(value.replace(":", " "))


def number_of(spec: Spec, type_id: int, width: int) -> Number:
    """Return what turns a value into an unsigned number of so many bits."""
    kind = spec.kind(type_id)
    if kind in (kinds.ENUM, kinds.ENUM64):
        names = {name: number for number, name in scalar.constants(spec, type_id).items()}
        return _named(names, _ranged(width, bool(spec.type(type_id).flag)), width)
    encoding = spec.integer(type_id)[2] if kind == kinds.INT else 0
    if encoding & kinds.BOOL:
        return _truth
    ranged = _ranged(width, bool(encoding & kinds.SIGNED))
    return _character(ranged) if encoding & kinds.CHAR and width == 8 else ranged


def _ranged(width: int, signed: bool) -> Number:
    low = -(1 << width >> 1) if signed else 0
    high, mask = low + (1 << width) - 1, (1 << width) - 1

    def convert(value: Any, field: str) -> int:
        number = _integer(value, field)
        if not low <= number <= high:
            raise WrongValue(field, f"{number} is out of range, {low} to {high}")
        return number & mask

    return convert


def _named(names: dict[str, int], ranged: Number, width: int) -> Number:
    mask = (1 << width) - 1

    def convert(value: Any, field: str) -> int:
        if isinstance(value, str) and value in names:
            return names[value] & mask
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            known = ", ".join(list(names)[:10]) + (", ..." if len(names) > 10 else "")
            raise WrongValue(field, f"{value!r} is no constant of its enum ({known})")
        return ranged(value, field)

    return convert


def _truth(value: Any, field: str) -> int:
    if isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return int(value.lower() in _TRUE)
    if isinstance(value, int) and value in (0, 1):
        return int(value)
    raise WrongValue(field, f"{_shown(value)} is neither true nor false")


def _character(ranged: Number) -> Number:
    def convert(value: Any, field: str) -> int:
        if not isinstance(value, str):
            return ranged(value, field)
        data = _encoded(value, field)
        if len(data) > 1:
            raise WrongValue(field, f"a text of {len(data)} bytes, but there is room for 1")
        return data[0] if data else 0

    return convert


def _integer(value: Any, field: str) -> int:
    # Templating on ansible-core 2.16 makes texts of numbers.
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        # more digits than any integer of C has would cost time before they are refused
        return int(value, 16 if "x" in value.lower() else 10) if len(value) < 100 else 1 << 300
    if isinstance(value, int):
        return int(value)
    raise WrongValue(field, f"{_shown(value)} is no integer")


def _encoded(value: str, field: str) -> bytes:
    try:
        return untext(value)
    except UnicodeEncodeError:
        raise WrongValue(field, "a text with half a surrogate pair; write single bytes as \\xNN") from None


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)[:60]


def _canonical(spec: Spec, type_id: int, width: int) -> Callable[[int], bool] | None:
    """Return what tells if a number is the one that its value stands for, None if all are."""
    if spec.kind(type_id) in (kinds.ENUM, kinds.ENUM64):
        constants = scalar.constants(spec, type_id)
        if len(set(constants.values())) == len(constants):
            return None
        # One name for several numbers: the last of them is meant.
        meant = {name: number for number, name in constants.items()}.values()
        ones = (1 << width) - 1
        wrong = {number & ones for number in constants if number not in meant}
        return lambda number: number not in wrong
    boolean = spec.kind(type_id) == kinds.INT and spec.integer(type_id)[2] & kinds.BOOL
    return (lambda number: number in (0, 1)) if boolean and width > 1 else None


def _int(spec: Spec, type_id: int) -> Leaf:
    size = spec.type(type_id).size
    width, shift, encoding = spec.integer(type_id)
    made = bits(spec, type_id, size, scalar.within(spec, type_id, shift, width, size), width)
    if width != 8 * size or size not in scalar.UNSIGNED or encoding & kinds.CHAR:
        return made
    made = made._replace(pack=None)
    code = scalar.UNSIGNED[size]
    if encoding & kinds.BOOL:
        return made._replace(code=code, pack=_lookup({False: 0, True: 1}))
    return made._replace(code=code.lower() if encoding & kinds.SIGNED else code)


def _pointer(spec: Spec, type_id: int) -> Leaf:
    return bits(spec, type_id, 8, 0, 64)._replace(code="Q", pack=None)


def _enum(spec: Spec, type_id: int) -> Leaf:
    size = spec.type(type_id).size
    if size not in scalar.UNSIGNED:
        return hexadecimal(size)
    numbers: dict[Any, int] = {}
    for number, name in scalar.constants(spec, type_id).items():
        numbers.update({name: number & (1 << 8 * size) - 1})
    made = bits(spec, type_id, size, 0, 8 * size)
    return made._replace(code=scalar.UNSIGNED[size], pack=_lookup(numbers))


def _lookup(numbers: dict[Any, int]) -> Callable[[list[Any]], list[int]]:
    """Return a pack of values that are in a table; others raise KeyError and go the long way."""
    return lambda column: [numbers[value] for value in column]


def _float(spec: Spec, type_id: int) -> Leaf:
    size = spec.type(type_id).size
    if size not in scalar.FLOATS:
        return hexadecimal(size)
    one = struct.Struct(scalar.MARKS[spec.order] + scalar.FLOATS[size])

    def convert(value: Any, field: str) -> bytes:
        try:
            # 10**400 is an int that no float can hold.
            return one.pack(float(value))
        except (TypeError, ValueError):
            raise WrongValue(field, f"{_shown(value)} is no number") from None
        except OverflowError:
            raise WrongValue(field, f"{_shown(value)} is out of range of a float of {size} bytes") from None

    def comes_back(data: bytes) -> bool:
        # all that are no numbers have the same value
        number = one.unpack(data)[0]
        return not math.isnan(number) or one.pack(float("nan")) == data

    return Leaf(convert, b"\xff" * size, comes_back, "", None)


_BUILDERS = {
    kinds.INT: _int,
    kinds.PTR: _pointer,
    kinds.ENUM: _enum,
    kinds.ENUM64: _enum,
    kinds.FLOAT: _float,
}
