# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""C text -> tokens, and the numbers that constant expressions of them have."""

from __future__ import annotations

import re

from .errors import BtfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

_TOKEN = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#(?:[^\n\\]|\\.)*)"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uUlL]*)"
    r"|(?P<mark><<|>>|\.\.\.|[][{}()*,;:=+\-/%&|^~])",
    re.DOTALL,
)
_END = ""
_OPERATORS: list[dict[str, Callable[[int, int], int]]] = [
    {"|": lambda one, other: one | other},
    {"^": lambda one, other: one ^ other},
    {"&": lambda one, other: one & other},
    {"<<": lambda one, other: one << other, ">>": lambda one, other: one >> other},
    {"+": lambda one, other: one + other, "-": lambda one, other: one - other},
    {"*": lambda one, other: one * other, "/": lambda one, other: one // other, "%": lambda one, other: one % other},
]
_MAX_BITS = 64
_MAX_DEPTH = 32


class Tokens:
    """The tokens of a text, one after another. ``word`` is the next one, "" at the end."""

    __slots__ = ("_at", "_found", "_text", "word")

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[tuple[str, int]] = []
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise BtfError(f"{_position(text, place)}: {text[place]!r} is nothing that C declarations have")
            if match.lastgroup != "skip":
                self._found.append((match["word"] or match["number"] or match["mark"], place))
            place = match.end()
        self._at = -1
        self.word = _END
        self.next()

    def next(self) -> str:
        """Go on to the next token and return the one before it."""
        word = self.word
        self._at += 1
        self.word = self._found[self._at][0] if self._at < len(self._found) else _END
        return word

    def ahead(self) -> str:
        """Return the token behind the next one."""
        return self._found[self._at + 1][0] if self._at + 1 < len(self._found) else _END

    def accept(self, word: str) -> bool:
        """Go on if the next token is this one."""
        found = self.word == word and word != _END
        if found:
            self.next()
        return found

    def expect(self, word: str) -> None:
        """Go on, or raise BtfError where another token comes next."""
        if not self.accept(word):
            raise self.error(f"{word!r} is expected, not {self.word!r}" if self.word else f"{word!r} is missing")

    def is_name(self) -> bool:
        """Tell if the next token is a word."""
        return self.word[:1].isalpha() or self.word[:1] == "_"

    def error(self, reason: str) -> BtfError:
        """Return the error that says where the next token stands."""
        place = self._found[self._at][1] if self._at < len(self._found) else len(self._text)
        return BtfError(f"{_position(self._text, place)}: {reason}")

    def skip(self) -> None:
        """Go on behind the bracket that closes the one that was just read."""
        depth = 1
        while depth:
            if not self.word:
                raise self.error("a bracket is not closed")
            depth += {"(": 1, ")": -1}.get(self.next(), 0)

    def constant(self, known: dict[str, int], level: int = 0, depth: int = 0) -> int:
        """Return the number that a constant expression comes to; ``known`` are the constants of enums."""
        if depth > _MAX_DEPTH:
            raise self.error("an expression is nested too deep")
        if level == len(_OPERATORS):
            return self._operand(known, depth)
        number = self.constant(known, level + 1, depth)
        while self.word in _OPERATORS[level]:
            operator = self.next()
            other = self.constant(known, level + 1, depth)
            if (operator in ("<<", ">>") and not 0 <= other < _MAX_BITS) or (operator in ("/", "%") and not other):
                raise self.error(f"{operator} {other} has no result")
            number = _OPERATORS[level][operator](number, other)
        return number

    def _operand(self, known: dict[str, int], depth: int) -> int:
        if self.accept("("):
            number = self.constant(known, 0, depth + 1)
            self.expect(")")
            return number
        if self.word in ("-", "~", "+"):
            sign = self.next()
            number = self.constant(known, len(_OPERATORS), depth + 1)
            return number if sign == "+" else -number if sign == "-" else ~number
        if self.word in known:
            return known[self.next()]
        if not self.word[:1].isdigit():
            raise self.error(f"a number is expected, not {self.word!r}")
        if len(self.word) > _MAX_BITS:
            raise self.error("the number is too large")
        word = self.next()
        return int(
            word, 16 if word[:2] in ("0x", "0X") else 8 if word[0] == "0" and word.isdigit() and word != "0" else 10
        )


def _position(text: str, place: int) -> str:
    line = text.count("\n", 0, place) + 1
    return f"line {line}, column {place - text.rfind(chr(10), 0, place)} of the type"
