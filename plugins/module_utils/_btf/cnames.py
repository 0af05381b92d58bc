# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Names that types and constants have in C output: each one once in its name space, and one that C takes."""

from __future__ import annotations

import re

from . import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

KEYWORDS = {kinds.STRUCT: "struct", kinds.UNION: "union", kinds.ENUM: "enum", kinds.ENUM64: "enum"}
_WORDS = frozenset(
    ["void", "char", "short", "int", "long", "signed", "unsigned", "_Bool", "bool", "__int128", "float", "double"]
)
_UNSIGNED = {
    1: "unsigned char",
    2: "unsigned short",
    4: "unsigned int",
    8: "unsigned long long",
    16: "unsigned __int128",
}
_SIGNED = {1: "signed char", 2: "short", 4: "int", 8: "long long", 16: "__int128"}
_FLOATS = {4: "float", 8: "double"}
_OTHER = re.compile(r"[^A-Za-z0-9_]")


class Names:
    """Gives names. A name that is taken gets ``___2``, ``___3`` ... behind it, as in bpftool's output."""

    __slots__ = ("_given", "_identifiers", "_spec", "_tags")

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._given: dict[int, str] = {}
        # struct, union and enum share one name space, typedefs and constants another
        self._tags: dict[str, int] = {}
        # The compiler's own va_list is another one on each machine; that of the kernel has to be spelled out.
        self._identifiers: dict[str, int] = {"__builtin_va_list": 1}

    def tag(self, type_id: int) -> str:
        """Return "struct name" of a struct, union, enum or forward declaration."""
        if type_id not in self._given:
            self._given[type_id] = _unique(self._tags, self._spec.name(type_id))
        return f"{keyword(self._spec, type_id)} {self._given[type_id]}"

    def typedef(self, type_id: int) -> str:
        """Return the name of a typedef."""
        if type_id not in self._given:
            self._given[type_id] = _unique(self._identifiers, self._spec.name(type_id))
        return self._given[type_id]

    def constant(self, name: str) -> str:
        """Return the name of a constant, another one each time, as a constant can be declared only once."""
        return _unique(self._identifiers, name)

    def share(self, type_id: int, other: int) -> None:
        """Give a forward declaration the name of the type that it is about."""
        self.tag(other)
        self._given[type_id] = self._given[other]


def keyword(spec: Spec, type_id: int) -> str:
    """Return struct, union or enum."""
    kind = spec.kind(type_id)
    if kind == kinds.FWD:
        return "union" if spec.type(type_id).flag else "struct"
    return KEYWORDS[kind]


def integer(spec: Spec, type_id: int) -> str:
    """Return the C name of an INT: its own if C knows it, else that of the same size."""
    own = spec.type(type_id)
    if own.name and _WORDS.issuperset(own.name.split()):
        return own.name
    encoding = spec.integer(type_id)[2]
    if encoding & kinds.BOOL and own.size == 1:
        return "_Bool"
    return (_SIGNED if encoding & kinds.SIGNED else _UNSIGNED).get(own.size) or opaque(own.size)


def floating(size: int) -> str:
    """Return the C name of a FLOAT. What the BPF target has no type for becomes bytes."""
    return _FLOATS.get(size) or opaque(size)


def opaque(size: int) -> str:
    """Return a type of so many bytes without a meaning."""
    return f"struct {{ unsigned char bytes[{size}]; }}"


def identifier(name: str) -> str:
    """Return a name with "_" for each character that no name in C has."""
    name = _OTHER.sub("_", name)
    return f"_{name}" if name[:1].isdigit() else name


def _unique(taken: dict[str, int], name: str) -> str:
    name = identifier(name)
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else _unique(taken, f"{name}___{taken[name]}")
