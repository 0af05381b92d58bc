# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types -> a C header that declares them, in an order that a compiler can read.

What is used by value has to be defined before, what is only pointed to needs its name: that is how circles end.
"""

from __future__ import annotations

import difflib

from . import detail, kinds
from .cdecl import Declarations
from .cnames import keyword
from .errors import BtfError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from .reader import Spec

# As in bpftool's: what includes vmlinux.h may test for the first name and set the second.
HEADER = """#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

"""
FOOTER = """#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
"""
AGGREGATES = (kinds.STRUCT, kinds.UNION)
ENUMS = (kinds.ENUM, kinds.ENUM64)
_NAMED = (*AGGREGATES, *ENUMS, kinds.FWD, kinds.TYPEDEF)
# Far deeper than types go (the Linux kernel: 40), and far from the end of the stack.
_MAX_DEPTH = 150


def text(spec: Spec, names: Iterable[str] | None = None) -> str:
    """Return a header with all types that C can declare, or with those of some names and what they need.

    A name is that of a struct, union, enum or typedef, alone or as in "struct sock". Raises BtfError for damage, and
    for a name that there is not.
    """
    return Dump(spec).text(find(spec, names) if names is not None else everything(spec))


def find(spec: Spec, names: Iterable[str]) -> list[int]:
    """Return the ids of the types with these names, definitions before forward declarations."""
    known: dict[str, list[int]] = {}
    for type_id in range(1, spec.count()):
        kind = spec.kind(type_id)
        if kind in _NAMED and spec.name(type_id):
            words = [spec.name(type_id)]
            if kind != kinds.TYPEDEF:
                words.append(f"{keyword(spec, type_id)} {words[0]}")
            for word in words:
                known.setdefault(word, []).append(type_id)
    found = []
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3)
            raise BtfError(f"no type is called {name!r}{'; near: ' if near else ''}{', '.join(near)}")
        whole = [type_id for type_id in known[name] if spec.kind(type_id) != kinds.FWD]
        found += whole or known[name]
    return found


def everything(spec: Spec) -> Iterable[int]:
    """Yield the ids of all types that a header declares for their own sake."""
    nameless = []
    for type_id in detail.own_ids(spec):
        kind = spec.kind(type_id)
        if kind in _NAMED and spec.name(type_id):
            yield type_id
        elif kind in ENUMS:
            nameless.append(type_id)
    # Structs without a name are written where they are used and nowhere else; the constants of an enum that is used
    # nowhere count all the same.
    yield from nameless


class Dump:
    """A header while it grows; ``names`` are those that its types have in it."""

    __slots__ = ("_begun", "_declarations", "_declared", "_inline", "_whole", "names", "parts", "spec")

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.parts: list[str] = []
        self._declarations = Declarations(spec)
        self.names = self._declarations.names
        self._begun: set[int] = set()
        self._declared: set[str] = set()
        self._inline: set[int] = set()
        self._whole = self._definitions()

    def _definitions(self) -> dict[str, int]:
        """Return {"struct name": id} of what forward declarations may be about."""
        found: dict[str, int] = {}
        for type_id in range(1, self.spec.count()):
            if self.spec.kind(type_id) in AGGREGATES and self.spec.name(type_id):
                found.setdefault(f"{keyword(self.spec, type_id)} {self.spec.name(type_id)}", type_id)
        return found

    def text(self, type_ids: Iterable[int]) -> str:
        """Return the header that declares some types and what they need."""
        for type_id in type_ids:
            self.define(type_id)
        return HEADER + "".join(f"{part};\n\n" for part in self.parts) + FOOTER

    def define(self, type_id: int, depth: int = 0) -> None:
        """Write the definition of a type, and before it what it needs."""
        if depth > _MAX_DEPTH:
            raise self.spec.error(type_id, f"type {type_id} needs others more than {_MAX_DEPTH} deep")
        if type_id in self._begun:
            return
        self._begun.add(type_id)
        kind = self.spec.kind(type_id)
        if kind == kinds.FWD:
            self._announce(type_id)
        elif kind == kinds.TYPEDEF:
            self._typedef(type_id, depth)
        elif kind in ENUMS:
            self._enum(type_id)
        else:
            self._members(type_id, depth)
            if self.spec.name(type_id):
                tag = self.names.tag(type_id)
                self._declared.add(tag)
                self.parts.append(self._declarations.define(type_id, tag=tag))

    def _typedef(self, type_id: int, depth: int) -> None:
        target = self.spec.type(type_id).size
        self._need(target, False, depth + 1)
        name = self.names.typedef(type_id)
        self.parts.append("typedef " + self._declarations.declare(target, name))

    def _enum(self, type_id: int) -> None:
        if self.spec.name(type_id):
            self.parts.append(self._declarations.define(type_id, tag=self.names.tag(type_id)))
        elif type_id not in self._inline:
            self.parts.append(self._declarations.define(type_id))

    def _members(self, type_id: int, depth: int) -> None:
        for _name, member, _offset, _bits in self.spec.members(type_id):
            self._need(member, True, depth + 1)

    def _need(self, type_id: int, whole: bool, depth: int) -> None:
        """See to what a use of a type needs: ``whole`` if by value, else the names that stand in it."""
        spec = self.spec
        if depth > _MAX_DEPTH:
            raise spec.error(type_id, f"type {type_id} needs others more than {_MAX_DEPTH} deep")
        type_id = spec.resolve(type_id, kinds.MODIFIERS)
        kind = spec.kind(type_id)
        if kind == kinds.PTR:
            self._need(spec.type(type_id).size, False, depth + 1)
        elif kind == kinds.ARRAY:
            # C knows no arrays of what is not whole, not even where they are pointed to.
            self._need(spec.array(type_id)[0], True, depth + 1)
        elif kind == kinds.FUNC_PROTO:
            self._need(spec.type(type_id).size, False, depth + 1)
            for _name, parameter in detail.parameters(spec, type_id):
                self._need(parameter, False, depth + 1)
        elif kind == kinds.TYPEDEF:
            self.define(type_id, depth + 1)
            if whole:
                self._need(spec.type(type_id).size, True, depth + 1)
        elif kind in ENUMS and not spec.name(type_id):
            self._inline.add(type_id)
        elif kind in ENUMS or (kind in AGGREGATES and (whole or not spec.name(type_id))):
            self.define(type_id, depth + 1)
        elif kind in AGGREGATES or kind == kinds.FWD:
            self._announce(type_id)

    def _announce(self, type_id: int) -> None:
        """Write a forward declaration, unless the type is declared already."""
        spec, names = self.spec, self.names
        if spec.kind(type_id) == kinds.FWD:
            whole = self._whole.get(f"{keyword(spec, type_id)} {spec.name(type_id)}")
            if whole is not None:
                names.share(type_id, whole)
                type_id = whole
        tag = names.tag(type_id)
        if tag not in self._declared:
            self._declared.add(tag)
            self.parts.append(tag)
