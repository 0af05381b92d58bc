# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""What stands in the braces of a struct, union or enum in C text, and where a compiler puts it."""

from __future__ import annotations

from collections import namedtuple

from . import kinds
from .writer import constant, member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .ctext import Parser
    from .ctokens import Tokens

# size and align in bytes.
Shape = namedtuple("Shape", "size align")
# That of void, functions and of what was not declared yet: no value can have such a type.
NO_SHAPE = Shape(0, 1)

_MODES = {"QI": 1, "byte": 1, "HI": 2, "SI": 4, "DI": 8, "word": 8}
_MAX_SIZE = 0xFFFFFFFF


def attributes(tokens: Tokens, known: dict[str, int]) -> dict[str, int]:
    """Read any attributes; return those that say something of the layout, and an entry if there were any at all."""
    found: dict[str, int] = {}
    while tokens.word in ("__attribute__", "__attribute", "__packed", "__aligned"):
        found.setdefault("any", 1)
        word = tokens.next()
        if word == "__packed":
            found["packed"] = 1
        elif word == "__aligned":
            tokens.expect("(")
            found["aligned"] = _aligned(tokens, known)
        else:
            tokens.expect("(")
            tokens.expect("(")
            while not tokens.accept(")"):
                _attribute(tokens, known, found)
            tokens.expect(")")
    return found


def _attribute(tokens: Tokens, known: dict[str, int], found: dict[str, int]) -> None:
    if not tokens.word:
        raise tokens.error("an attribute is not closed")
    word = tokens.next().strip("_")
    has_arguments = tokens.accept("(")
    if word == "packed":
        found["packed"] = 1
    elif word == "aligned" and has_arguments:
        found["aligned"] = _aligned(tokens, known)
    elif word == "mode" and has_arguments:
        found["mode"] = _MODES.get(tokens.next().strip("_"), 4)
        tokens.expect(")")
    elif has_arguments:
        tokens.skip()


def _aligned(tokens: Tokens, known: dict[str, int]) -> int:
    number = tokens.constant(known)
    if not 0 < number <= 4096 or number & (number - 1):
        raise tokens.error(f"{number} is no alignment")
    tokens.expect(")")
    return number


class _Layout:
    """Puts members where a compiler puts them. Offsets and ``end`` are in bits."""

    __slots__ = ("align", "end", "flag", "is_union", "members", "packed")

    def __init__(self, is_union: bool) -> None:
        self.is_union = is_union
        self.packed = False
        self.align, self.end, self.flag = 1, 0, 0
        self.members: list[tuple[str, int, Shape, int | None, int]] = []

    def place(self) -> list[tuple[str, int, int, int]]:
        """Return (name, type id, bit offset, bits) of the members that have names or names in them."""
        found = []
        for name, type_id, shape, bits, aligned in self.members:
            align = max(1 if self.packed else shape.align, aligned)
            start = self._start(shape, bits, align)
            if bits is None or (bits and name):
                self.align = max(self.align, align)
            if name or bits is None:
                found.append((name, type_id, start, bits or 0))
            self.flag |= int(bool(bits and name))
            self.end = max(self.end, start + (8 * shape.size if bits is None else bits))
        return found

    def _start(self, shape: Shape, bits: int | None, align: int) -> int:
        if self.is_union:
            return 0
        unit = 8 * (shape.size if bits is not None else align)
        here = self.end
        fits = bits is not None and bits and (self.packed or here % unit + bits <= unit)
        return here if fits else -(-here // unit) * unit


def struct(parser: Parser, tokens: Tokens, type_id: int, kind: int, tag: str, given: dict, depth: int) -> Shape:
    """Read the members of a struct or union behind its brace, and write it."""
    layout = _Layout(kind == kinds.UNION)
    while not tokens.accept("}"):
        if not tokens.word:
            raise tokens.error("a brace is not closed")
        _members(parser, tokens, layout, depth)
    given = {**given, **attributes(tokens, parser.constants)}
    layout.packed = "packed" in given
    words: list[int] = []
    places = layout.place()
    align = max(layout.align, given.get("aligned", 1))
    size = -(-layout.end // (8 * align)) * align
    if size > _MAX_SIZE or (layout.flag and layout.end >> 24):
        raise tokens.error(f"{tag or 'the type'} is too long")
    for name, member_id, start, bits in places:
        words += member(parser.writer, name, member_id, start, bits)
    parser.writer.replace(type_id, kind, tag, size, len(places), layout.flag, words)
    return Shape(size, align)


def _members(parser: Parser, tokens: Tokens, layout: _Layout, depth: int) -> None:
    base = parser.base(depth + 1)
    if tokens.accept(";"):
        layout.members.append(("", base, parser.complete(base), None, 1))
        return
    while True:
        name, wrap = ("", None) if tokens.word == ":" else parser.declarator(depth)
        type_id = wrap(base) if wrap else base
        shape, bits = parser.complete(type_id), None
        if tokens.accept(":"):
            bits = tokens.constant(parser.constants)
            if not 0 <= bits <= 8 * shape.size or shape.size > 8 or (name and not bits):
                raise tokens.error(f"a bitfield of {bits} bits in a type of {shape.size} bytes")
        given = attributes(tokens, parser.constants)
        if "packed" in given:
            shape = shape._replace(align=1)
        layout.members.append((name, type_id, shape, bits, given.get("aligned", 1)))
        if not tokens.accept(","):
            break
    tokens.expect(";")


def enum(parser: Parser, tokens: Tokens, type_id: int, kind: int, tag: str, given: dict, depth: int) -> Shape:
    """Read the constants of an enum behind its brace, and write it."""
    values: list[tuple[str, int]] = []
    number = 0
    while not tokens.accept("}"):
        if not tokens.is_name():
            raise tokens.error("a constant is expected")
        name = tokens.next()
        if tokens.accept("="):
            number = tokens.constant(parser.constants)
        if not -(1 << 63) <= number < 1 << 64:
            raise tokens.error(f"{name} = {number} is too large")
        values.append((name, number))
        parser.constants[name] = number
        number += 1
        if not tokens.accept(","):
            tokens.expect("}")
            break
    given = {**given, **attributes(tokens, parser.constants)}
    signed = any(value < 0 for _name, value in values)
    wide = any(not -(1 << 31) <= value < 1 << (31 if signed else 32) for _name, value in values)
    size = given.get("mode", 8 if wide else 4)
    if "packed" in given:
        size = next(one for one in (1, 2, 4, 8) if _fits(values, one, signed))
    kind = kinds.ENUM64 if size == 8 else kinds.ENUM
    words: list[int] = []
    for name, value in values:
        words += constant(parser.writer, kind, name, value)
    parser.writer.replace(type_id, kind, tag, size, len(values), int(signed), words)
    return Shape(size, size)


def _fits(values: list[tuple[str, int]], size: int, signed: bool) -> bool:
    low = -(1 << 8 * size - 1) if signed else 0
    return size == 8 or all(low <= value < low + (1 << 8 * size) for _name, value in values)
