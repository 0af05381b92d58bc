# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Some types of a Spec -> BTF of their own, with nothing in it but what they are made of.

Object files have much that says nothing about a map, and that some kernels refuse. A pointer keeps the name of the
struct that it leads to, not the struct.
"""

from __future__ import annotations

from . import kinds
from .closure import closure
from .errors import BtfError
from .writer import Writer, constant, member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence

    from .reader import Spec

_STRUCTS = (kinds.STRUCT, kinds.UNION)
# What links objects that programs make: their types are tagged, and who copies a type does not copy its tags.
_LINKED = ("bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount")


def excerpt(spec: Spec, type_ids: Sequence[int]) -> tuple[bytes, list[int]]:
    """Return (BTF, the ids of the types in it, 0 for 0); raises BtfError for types that cannot be taken out."""
    wanted = closure(spec, type_ids)
    ids = {old: new for new, old in enumerate(wanted, 1)}
    ids[0] = 0
    copier = _Copier(spec, ids)
    for type_id in wanted:
        copier.copy(type_id)
    copier.finish()
    return copier.writer.blob(), [ids[type_id] for type_id in type_ids]


class _Copier:
    def __init__(self, spec: Spec, ids: dict[int, int]) -> None:
        self.spec = spec
        self.writer = Writer(spec.order)
        self._ids = ids
        # (name, whether it is a union) of structs that are only pointed to -> id
        self._pointed: dict[tuple[str, bool], int] = {}

    def copy(self, type_id: int) -> None:
        spec, found = self.spec, self.spec.type(type_id)
        size, words = found.size, []
        if found.kind in _STRUCTS:
            words = self._members(type_id, found.name)
        elif found.kind in (kinds.ENUM, kinds.ENUM64):
            for name, value in spec.constants(type_id):
                words += constant(self.writer, found.kind, name, value)
        elif found.kind == kinds.ARRAY:
            element, index, count = spec.array(type_id)
            words = [self._ids[element], self._ids[index], count]
        elif found.kind == kinds.INT:
            bits, shift, encoding = spec.integer(type_id)
            words = [encoding << 24 | shift << 16 | bits]
        elif found.kind == kinds.PTR:
            size = self._target(found.size)
        elif found.kind in kinds.ALIASES and found.kind not in (kinds.VAR, kinds.DECL_TAG):
            size = self._ids[size]
        elif found.kind not in (kinds.FLOAT, kinds.FWD):
            raise spec.error(type_id, f"a {kinds.NAMES[found.kind]} is no type of a key or value")
        vlen = found.vlen if found.kind in (*_STRUCTS, kinds.ENUM, kinds.ENUM64) else 0
        self.writer.add(found.kind, found.name, size, vlen, found.flag, words)

    def _members(self, type_id: int, name: str) -> list[int]:
        if name in _LINKED:
            raise BtfError(f"it has a {name}, which only the loader of its programs can set up")
        words: list[int] = []
        for one, member_id, start, bits in self.spec.members(type_id):
            words += member(self.writer, one, self._ids[member_id], start, bits)
        return words

    def _target(self, type_id: int) -> int:
        """Return the id of what a pointer leads to: a struct by its name, or nothing."""
        for step in range(32):
            found = self.spec.type(type_id)
            if found.kind == kinds.TYPE_TAG:
                raise BtfError(f"it has a pointer that is tagged {found.name}, which only the loader can set up")
            if not type_id or found.kind not in kinds.ALIASES or step == 31:
                break
            type_id = found.size
        is_union = found.kind == kinds.UNION or (found.kind == kinds.FWD and bool(found.flag))
        if not type_id or not found.name or found.kind not in (*_STRUCTS, kinds.FWD):
            return 0
        place = len(self._ids) + len(self._pointed)
        return self._pointed.setdefault((found.name, is_union), place)

    def finish(self) -> None:
        """Add the structs that were only pointed to, behind all others."""
        for name, is_union in self._pointed:
            self.writer.add(kinds.FWD, name, flag=int(is_union))
