# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""C declarations -> BTF, laid out as a compiler does it for the BPF target.

    struct flow { __u32 address; __u16 ports[2]; char name[16]; unsigned int drop : 1; };

What is understood: structs, unions, enums, typedefs, pointers, arrays, bitfields, the attributes packed and aligned,
and constant expressions. The integers of kernel headers and <stdint.h> need no declaration. Lines that begin with # are
not looked at.
"""

from __future__ import annotations

from . import kinds
from .cbody import NO_SHAPE, Shape, attributes, enum, struct
from .ctokens import Tokens
from .errors import BtfError
from .reader import Spec
from .writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from .header import Order

    Wrap = Callable[[int], int]

_QUALIFIERS = {"const": kinds.CONST, "volatile": kinds.VOLATILE, "restrict": kinds.RESTRICT}
_IGNORED = ("extern", "static", "inline", "__extension__", "__restrict", "register")
_SIGNED, _CHAR, _BOOL = kinds.SIGNED, kinds.CHAR, kinds.BOOL
# sorted words -> name, size, encoding; "int" is left out where other words say what it is
_INTEGERS = {
    "char": ("char", 1, _SIGNED),
    "char signed": ("signed char", 1, _SIGNED),
    "char unsigned": ("unsigned char", 1, 0),
    "short": ("short", 2, _SIGNED),
    "short unsigned": ("unsigned short", 2, 0),
    "": ("int", 4, _SIGNED),
    "unsigned": ("unsigned int", 4, 0),
    "long": ("long", 8, _SIGNED),
    "long unsigned": ("unsigned long", 8, 0),
    "long long": ("long long", 8, _SIGNED),
    "long long unsigned": ("unsigned long long", 8, 0),
    "__int128": ("__int128", 16, _SIGNED),
    "__int128 unsigned": ("unsigned __int128", 16, 0),
    "_Bool": ("_Bool", 1, _BOOL),
}
_FLOATS = {"float": 4, "double": 8}
_WORDS = {word for words in _INTEGERS for word in words.split()} | {"int", "signed", "void", *_FLOATS}
_KNOWN = {
    **{f"{mark}{sign}{8 * size}": (size, sign) for mark in ("", "__") for sign in "us" for size in (1, 2, 4, 8)},
    **{f"{mark}int{8 * size}_t": (size, sign) for mark, sign in (("u", "u"), ("", "s")) for size in (1, 2, 4, 8)},
    **{f"__{order}{8 * size}": (size, "u") for order in ("be", "le") for size in (2, 4, 8)},
    "__sum16": (2, "u"),
    "__wsum": (4, "u"),
    "size_t": (8, "u"),
    "ssize_t": (8, "s"),
    "uintptr_t": (8, "u"),
    "bool": (0, "u"),
    "pid_t": (4, "s"),
    "uid_t": (4, "u"),
    "gid_t": (4, "u"),
    "__u128": (16, "u"),
    "__s128": (16, "s"),
}
_LONG = {0: "_Bool", 1: "char", 2: "short", 4: "int", 8: "long long", 16: "__int128"}
_TAGGED = {"struct": kinds.STRUCT, "union": kinds.UNION, "enum": kinds.ENUM}
_MAX_DEPTH = 24
_MAX_COUNT = 0xFFFFFFFF


def spec(text: str, order: Order = "little", wanted: str | None = None) -> tuple[Spec, int]:
    """Return (Spec, id of the type that the text is about); raises BtfError with line and column.

    ``wanted`` is the type, "struct flow" or "struct flow[2]", else it is the one that the text declares last.
    """
    parser = Parser(order)
    last = parser.read(text)
    if wanted is not None:
        last = parser.read(wanted)
    if not last:
        raise BtfError("the text declares no type")
    return Spec(parser.writer.blob()), last


class Parser:
    """Reads declarations into a `Writer`."""

    __slots__ = ("_made", "_shapes", "_tags", "_targets", "_tokens", "_typedefs", "constants", "writer")

    def __init__(self, order: Order) -> None:
        self.writer = Writer(order)
        self._shapes: dict[int, Shape] = {0: NO_SHAPE}
        # of typedefs and qualifiers, which may be there before what they refer to is complete
        self._targets: dict[int, int] = {}
        self.constants: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        self._typedefs: dict[str, int] = {}
        self._made: dict[tuple, int] = {}
        self._tokens = Tokens("")

    def read(self, text: str) -> int:
        """Read declarations; return the id of the last type, 0 where there is none."""
        tokens, last = Tokens(text), 0
        self._tokens = tokens
        while tokens.word:
            if tokens.accept(";"):
                continue
            is_typedef = tokens.accept("typedef")
            base = self.base()
            last = base
            while tokens.word not in (";", ""):
                name, wrap = self.declarator()
                last = wrap(base)
                if is_typedef:
                    last = self._typedef(name, last)
                if not tokens.accept(","):
                    break
            attributes(tokens, self.constants)
            if tokens.word:
                tokens.expect(";")
        return last

    def _typedef(self, name: str, target: int) -> int:
        if not name:
            raise self._tokens.error("a typedef without a name")
        self._typedefs[name] = self._refer(kinds.TYPEDEF, name, target)
        return self._typedefs[name]

    def _refer(self, kind: int, name: str, target: int) -> int:
        type_id = self._once(NO_SHAPE, kind, name, target)
        self._targets[type_id] = target
        return type_id

    def shape(self, type_id: int) -> Shape:
        """Return size and alignment of a type as far as it was declared."""
        while type_id in self._targets:
            type_id = self._targets[type_id]
        return self._shapes[type_id]

    def complete(self, type_id: int) -> Shape:
        """Return size and alignment of a type that there are to be values of; raises BtfError if there can be none."""
        shape = self.shape(type_id)
        if shape is NO_SHAPE:
            raise self._tokens.error("there can be no value of this type: it is void, a function or not declared")
        return shape

    def _add(self, shape: Shape, *args, **options) -> int:
        type_id = self.writer.add(*args, **options)
        self._shapes[type_id] = shape
        return type_id

    def _once(self, shape: Shape, *args, **options) -> int:
        """Add a type that is the same wherever it is used."""
        key = (args, tuple(options.get("words", ())))
        if key not in self._made:
            self._made[key] = self._add(shape, *args, **options)
        return self._made[key]

    def base(self, depth: int = 0) -> int:
        """Read what stands before a declarator and return its id."""
        tokens, words, qualifiers, found = self._tokens, [], [], None
        if depth > _MAX_DEPTH:
            raise tokens.error("a type is nested too deep")
        while tokens.is_name():
            if tokens.word in _QUALIFIERS:
                qualifiers.append(_QUALIFIERS[tokens.next()])
            elif tokens.word in _IGNORED:
                tokens.next()
            elif attributes(tokens, self.constants):
                continue
            elif tokens.word in _WORDS and found is None:
                words.append(tokens.next())
            elif found is not None or words:
                break
            elif tokens.word in _TAGGED:
                found = self._tagged(tokens.next(), depth)
            else:
                found = self._named()
        if found is None:
            found = self._words(words)
        for kind in qualifiers:
            found = self._refer(kind, "", found)
        return found

    def _words(self, words: list[str]) -> int:
        if words == ["void"]:
            return 0
        if len(words) == 1 and words[0] in _FLOATS:
            size = _FLOATS[words[0]]
            return self._once(Shape(size, size), kinds.FLOAT, words[0], size)
        key = sorted(word for word in words if word != "int")
        if "char" not in key and "signed" in key:
            key.remove("signed")
        if not words or " ".join(key) not in _INTEGERS:
            raise self._tokens.error(f"a type is expected, not {' '.join(words) or self._tokens.word!r}")
        return self._integer(*_INTEGERS[" ".join(key)])

    def _integer(self, name: str, size: int, encoding: int) -> int:
        return self._once(Shape(size, size), kinds.INT, name, size, words=[encoding << 24 | 8 * size])

    def _named(self) -> int:
        name = self._tokens.word
        if name not in self._typedefs:
            if name not in _KNOWN:
                raise self._tokens.error(f"there is no type {name!r}")
            size, sign = _KNOWN[name]
            words = _LONG[size].split() + (["unsigned"] if sign == "u" and size else ["signed"] if size == 1 else [])
            self._typedef(name, self._words(words))
        self._tokens.next()
        return self._typedefs[name]

    def _tagged(self, word: str, depth: int) -> int:
        tokens, kind = self._tokens, _TAGGED[word]
        given = attributes(tokens, self.constants)
        tag = tokens.next() if tokens.is_name() else ""
        type_id = self._tags.get(f"{word} {tag}", 0) if tag else 0
        if not type_id:
            flag = int(kind == kinds.UNION)
            type_id = self._add(NO_SHAPE, kinds.FWD, tag, flag=flag)
            if tag:
                self._tags[f"{word} {tag}"] = type_id
        if not tokens.accept("{"):
            if not tag:
                raise tokens.error(f"a name or '{{' is expected behind {word}")
            return type_id
        if self._shapes[type_id] is not NO_SHAPE:
            raise tokens.error(f"{word} {tag} is declared twice")
        body = enum if kind == kinds.ENUM else struct
        self._shapes[type_id] = body(self, tokens, type_id, kind, tag, given, depth)
        return type_id

    def declarator(self, depth: int = 0) -> tuple[str, Wrap]:
        """Read a declarator; return its name and what makes the type of the name out of that before it."""
        tokens, pointers = self._tokens, 0
        if depth > _MAX_DEPTH:
            raise tokens.error("a declaration is nested too deep")
        while tokens.word == "*" or tokens.word in _QUALIFIERS or tokens.word in _IGNORED:
            pointers += tokens.next() == "*"
        attributes(tokens, self.constants)
        name, inner = "", None
        if tokens.word == "(" and tokens.ahead() in ("*", "("):
            tokens.next()
            name, inner = self.declarator(depth + 1)
            tokens.expect(")")
        elif tokens.is_name():
            name = tokens.next()
        counts, is_function = [], False
        while tokens.word in ("[", "("):
            if tokens.next() == "(":
                tokens.skip()
                is_function = True
            else:
                counts.append(self._count())
        if pointers > _MAX_DEPTH or len(counts) > _MAX_DEPTH:
            raise tokens.error("a declaration is nested too deep")

        def wrap(type_id: int) -> int:
            for _turn in range(pointers):
                type_id = self._once(Shape(8, 8), kinds.PTR, "", type_id)
            if is_function:
                type_id = self._once(NO_SHAPE, kinds.FUNC_PROTO, "", type_id)
            for count in reversed(counts):
                type_id = self._array(type_id, count)
            return inner(type_id) if inner else type_id

        return name, wrap

    def _count(self) -> int:
        if self._tokens.accept("]"):
            return 0
        count = self._tokens.constant(self.constants)
        if not 0 <= count <= _MAX_COUNT:
            raise self._tokens.error(f"an array of {count}")
        self._tokens.expect("]")
        return count

    def _array(self, element: int, count: int) -> int:
        shape = self.complete(element)
        index = self._integer("int", 4, kinds.SIGNED)
        return self._once(Shape(shape.size * count, shape.align), kinds.ARRAY, words=[element, index, count])
