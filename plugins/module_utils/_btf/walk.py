# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""BTF types -> the fillers that write their values, each type once."""

from __future__ import annotations

from . import kinds, layout, leaf, scalar
from .fill import Filler, Part, Record, of_leaf, of_list, of_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .layout import Compiler

# The element of arrays without a byte.
_NOTHING = Filler(None, b"", True, "", None, ())


class Walk:
    """Makes fillers of types that a compiler of codecs has found to be sound; what it says of them is kept to."""

    __slots__ = ("compiler", "done", "spec")

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.spec = compiler.spec
        self.done: dict[int, Filler] = {}

    def filler(self, type_id: int) -> Filler:
        """Return the filler of a type that has a size."""
        type_id = self.spec.resolve(type_id)
        if type_id not in self.done:
            self.done[type_id] = self._build(type_id)
        return self.done[type_id]

    def _build(self, type_id: int) -> Filler:
        kind = self.spec.kind(type_id)
        if kind == kinds.ARRAY:
            return self._array(type_id)
        if kind == kinds.DATASEC:
            return self._record(type_id, [self._variable(type_id, *one) for one in self.spec.variables(type_id)])
        if kind in (kinds.STRUCT, kinds.UNION):
            return self._record(type_id, [self._member(type_id, *one) for one in self.spec.members(type_id)])
        return of_leaf(leaf.leaf(self.spec, type_id))

    def _array(self, type_id: int) -> Filler:
        element_id, _index, count = self.spec.array(type_id)
        size = self.compiler.codec(element_id).size
        if scalar.is_char(self.spec, element_id):
            return of_leaf(leaf.characters(count))
        if not self.compiler.codec(type_id).size:
            return of_list(self.compiler.mark, 0, _NOTHING, 0)
        return of_list(self.compiler.mark, size, self.filler(element_id), count)

    def _record(self, type_id: int, parts: list[Part]) -> Filler:
        is_union = self.spec.kind(type_id) == kinds.UNION
        return of_record(self.compiler.mark, Record(self.spec.type(type_id).size, parts, is_union))

    def _variable(self, holder: int, type_id: int, offset: int, _size: int) -> Part:
        name = self.spec.name(type_id)
        return Part(name, offset, self._place(holder, type_id, name, offset), None)

    def _member(self, holder: int, name: str, type_id: int, start: int, bits: int) -> Part:
        spec = self.spec
        type_id = spec.resolve(type_id)
        start, bits = layout.bits_of(spec, type_id, start, bits)
        if bits:
            offset, size, drop = scalar.place(spec, type_id, start, bits, spec.type(holder).size)
            return Part(name, offset, of_leaf(leaf.bits(spec, type_id, size, drop, bits)), None)
        filler = self._place(holder, type_id, name, start // 8)
        group = filler.parts if layout.is_anonymous(spec, name, type_id) else None
        return Part(name, start // 8, filler, group)

    def _place(self, holder: int, type_id: int, name: str, offset: int) -> Filler:
        """Return the filler of what a record holds; one of a kind without a size has the room up to the next."""
        if self.compiler.codec(type_id).size is not None:
            return self.filler(type_id)
        parts = self.compiler.codec(holder).parts
        room = next(part.codec.size for part in parts if (part.name, part.offset) == (name, offset))
        return of_leaf(leaf.hexadecimal(room))
