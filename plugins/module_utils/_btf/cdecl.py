# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Single BTF types -> C: declarations of things of a type, and definitions of structs, unions and enums."""

from __future__ import annotations

from . import cnames, detail, kinds
from .clayout import Layouts
from .cnames import Names
from .reader import MAX_DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

_QUALIFIERS = {kinds.CONST: "const", kinds.VOLATILE: "volatile", kinds.RESTRICT: "restrict"}
_MODES = {1: "QI", 2: "HI", 4: "SI", 8: "DI"}
_PACKED = " __attribute__((packed))"


class Declarations:
    """Writes C for the types of a Spec."""

    __slots__ = ("_layouts", "names", "spec")

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.names = Names(spec)
        self._layouts = Layouts(spec)

    def declare(self, type_id: int, what: str, level: int = 0, depth: int = 0) -> str:
        """Return the declaration of ``what`` as being of a type, without the semicolon.

        C writes it from the inside out: ``what`` grows by stars, brackets and parameters until the type at the end of
        the chain stands before it.
        """
        qualifiers: list[str] = []
        for _step in range(8 * MAX_DEPTH):
            kind = self.spec.kind(type_id)
            if kind == kinds.PTR:
                what, qualifiers = f"*{''.join(f'{word} ' for word in qualifiers)}{what}", []
            elif kind in _QUALIFIERS:
                qualifiers = _with(qualifiers, _QUALIFIERS[kind])
            elif kind == kinds.ARRAY:
                type_id, _index, count = self.spec.array(type_id)
                what = f"{_bracketed(what)}[{count}]"
                continue
            elif kind == kinds.FUNC_PROTO:
                what, qualifiers = f"{_bracketed(what)}({self._parameters(type_id, depth)})", []
            elif kind not in (kinds.TYPE_TAG, kinds.DECL_TAG, kinds.VAR):
                return self._simple(type_id, kind, qualifiers, what, level, depth)
            type_id = self.spec.type(type_id).size
        raise self.spec.error(type_id, f"type {type_id} refers to itself or to too many others")

    def _simple(self, type_id: int, kind: int, qualifiers: list[str], what: str, level: int, depth: int) -> str:
        # only pointers are restricted
        words = [word for word in qualifiers if word != "restrict"]
        words += [self._base(type_id, kind, level, depth)] + ([what] if what else [])
        return " ".join(words)

    def _base(self, type_id: int, kind: int, level: int, depth: int) -> str:
        spec = self.spec
        if kind == kinds.INT:
            return cnames.integer(spec, type_id)
        if kind == kinds.TYPEDEF:
            return self.names.typedef(type_id)
        if kind == kinds.FLOAT:
            return cnames.floating(spec.type(type_id).size)
        if kind in cnames.KEYWORDS or kind == kinds.FWD:
            return self.names.tag(type_id) if spec.name(type_id) else self.define(type_id, level, depth)
        # void, and what no variable can be of
        return "void"

    def _parameters(self, type_id: int, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise self.spec.error(type_id, f"type {type_id} is nested deeper than {MAX_DEPTH}")
        pairs = list(detail.parameters(self.spec, type_id))
        if not pairs:
            return "void"
        shown = [
            self.declare(parameter, cnames.identifier(name), 0, depth + 1) if parameter else "..."
            for name, parameter in pairs
        ]
        # C has no "..." without a parameter before it.
        return "" if shown == ["..."] else ", ".join(shown)

    def define(self, type_id: int, level: int = 0, depth: int = 0, tag: str = "") -> str:
        """Return the definition of a struct, union or enum, indented by ``level`` tabs, without the semicolon."""
        if depth > MAX_DEPTH:
            raise self.spec.error(type_id, f"type {type_id} is nested deeper than {MAX_DEPTH}")
        tag = tag or cnames.keyword(self.spec, type_id)
        if self.spec.kind(type_id) in (kinds.ENUM, kinds.ENUM64):
            return self._enum(type_id, level, tag)
        if self.spec.kind(type_id) == kinds.FWD:
            return f"{tag} {{}}"
        return self._aggregate(type_id, level, depth, tag)

    def _aggregate(self, type_id: int, level: int, depth: int, tag: str) -> str:
        plan = self._layouts.plan(type_id)
        lines = []
        for place in plan.places:
            lines += [f"{kind}: {bits};" for kind, bits in place.gap]
            name = cnames.identifier(place.name)
            if place.name:
                bits = f": {place.bits}" if place.bits else ""
                lines.append(self.declare(place.type_id, name, level + 1, depth + 1) + f"{bits};")
            else:
                # Also of a struct that has a name: without -fms-extensions that name alone would declare nothing.
                lines.append(self.define(self.spec.resolve(place.type_id), level + 1, depth + 1) + ";")
        tail = [f"{kind}: {bits};" for kind, bits in plan.tail]
        if tail and self.spec.kind(type_id) == kinds.UNION:
            # Bitfields of a union lie over each other; behind each other they make it longer.
            tail = [f"struct {{ {' '.join(tail)} }};"]
        indent = "\t" * (level + 1)
        body = "".join(f"{indent}{line}\n" for line in lines + tail)
        return f"{tag} {{\n{body}{indent[1:]}}}{_PACKED if plan.packed else ''}"

    def _enum(self, type_id: int, level: int, tag: str) -> str:
        own = self.spec.type(type_id)
        constants = list(self.spec.constants(type_id))
        indent = "\t" * (level + 1)
        wide = own.size == 8
        lines = [f"{indent}{self.names.constant(name)} = {_literal(value, wide)},\n" for name, value in constants]
        if not lines:
            # A forward declaration; C has no enum without constants.
            lines = [f"{indent}{self.names.constant(self.spec.name(type_id) + '___unknown')} = 0,\n"]
        largest = max([value if value >= 0 else ~value << 1 for _name, value in constants], default=0)
        size = 8 if largest >> 32 else 4
        mode = f" __attribute__((mode({_MODES[own.size]})))" if own.size != size and own.size in _MODES else ""
        return f"{tag} {{\n{''.join(lines)}{indent[1:]}}}{mode}"


def _with(qualifiers: list[str], word: str) -> list[str]:
    return qualifiers if word in qualifiers else [*qualifiers, word]


def _bracketed(what: str) -> str:
    return f"({what})" if what.startswith("*") else what


def _literal(value: int, wide: bool) -> str:
    if not wide:
        return str(value)
    # There is no literal for the lowest number: it would be minus a number that is too large.
    return f"{value}ULL" if value >> 63 == 1 else f"({value + 1}LL - 1)" if value == -1 << 63 else f"{value}LL"
