# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Where a C compiler puts the members of a struct, and what makes it put them where BTF says that they are.

BTF knows offsets but neither alignment nor padding. So the compiler's rules are followed member by member, for the
BPF target: where its place is not the right one, unnamed bitfields fill the gap, and where its place is already too
far, the struct is packed.
"""

from __future__ import annotations

from collections import namedtuple

from . import kinds, layout
from .reader import MAX_DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec

# bits: 0 for a member that is no bitfield. gap: the unnamed bitfields before it, as [(type, bits)].
Place = namedtuple("Place", "name type_id bits gap")
# places: of the members in order. tail: the unnamed bitfields behind the last. packed: whether it has to be.
Plan = namedtuple("Plan", "places tail packed align")

_FILL = ((64, "long"), (32, "int"), (16, "short"), (8, "char"))
_POINTER = 8
# The kernel takes no longer types, and a gap becomes text.
_MAX_GAP = 8 << 20


class Layouts:
    """The plans of the structs and unions of a Spec, and sizes and alignments of all types, in bytes."""

    __slots__ = ("_aligns", "_plans", "_spec")

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._plans: dict[int, Plan] = {}
        self._aligns: dict[int, int] = {}

    def plan(self, type_id: int, depth: int = 0) -> Plan:
        """Return the plan of a struct or union."""
        if type_id not in self._plans:
            self._plans[type_id] = self._plan(type_id, depth)
        return self._plans[type_id]

    def size(self, type_id: int, depth: int = 0) -> int:
        """Return the bytes of a value of a type, 0 where it has no size."""
        spec, type_id = self._spec, self._spec.resolve(type_id)
        kind = spec.kind(type_id)
        if kind == kinds.ARRAY:
            self._deeper(type_id, depth)
            element, _index, count = spec.array(type_id)
            return count * self.size(element, depth + 1)
        if kind == kinds.PTR:
            return _POINTER
        return spec.type(type_id).size if kind in _SIZED else 0

    def align(self, type_id: int, depth: int = 0) -> int:
        """Return the alignment that the compiler gives to our text of a type."""
        spec, type_id = self._spec, self._spec.resolve(type_id)
        self._deeper(type_id, depth)
        kind = spec.kind(type_id)
        if kind == kinds.ARRAY:
            return self.align(spec.array(type_id)[0], depth + 1)
        if kind in (kinds.STRUCT, kinds.UNION):
            return self.plan(type_id, depth + 1).align
        size = self.size(type_id)
        return size if size in _ALIGNED.get(kind, (1, 2, 4, 8)) else 1

    def _deeper(self, type_id: int, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._spec.error(type_id, f"type {type_id} is nested deeper than {MAX_DEPTH}")

    def _plan(self, type_id: int, depth: int) -> Plan:
        spec = self._spec
        size = 8 * spec.type(type_id).size
        members = []
        for name, member, start, bits in spec.members(type_id):
            resolved = spec.resolve(member)
            start, bits = layout.bits_of(spec, resolved, start, bits)
            # A bitfield without a name is a gap, and so is what cannot be a member.
            if name or layout.is_anonymous(spec, name, resolved):
                members.append((name, member, start, bits))
        align = max([self.align(member, depth) for _name, member, _start, _bits in members], default=1)
        plan = self._place(type_id, members, size, align, depth) or self._place(type_id, members, size, 1, depth, True)
        if plan is None:
            raise spec.error(type_id, f"no compiler lays out type {type_id} like this")
        return plan

    def _place(
        self, type_id: int, members: list, size: int, align: int, depth: int, packed: bool = False
    ) -> Plan | None:
        """Return the plan, None where the compiler would put something too far behind."""
        union, end, places = self._spec.kind(type_id) == kinds.UNION, 0, []
        for name, member, start, bits in members:
            unit = 8 * self.size(member, depth)
            here = 0 if union else end
            align_here = 1 if packed else self.align(member, depth)
            natural = self._natural(here, bits, unit, align_here, packed)
            if not packed and not union and start != max(natural, self._natural(start, bits, unit, align_here, packed)):
                return None
            gap = self._gap(type_id, here, start) if natural < start else []
            places.append(Place(name, member, bits, gap))
            end = max(end, (0 if union else start) + (bits or unit))
        whole = -(-end // (8 * align)) * 8 * align
        if not packed and (whole > size or size % (8 * align)):
            return None
        tail = [] if whole == size else self._gap(type_id, 0 if union else end, size)
        return Plan(places, tail, packed, align)

    def _natural(self, here: int, bits: int, unit: int, align: int, packed: bool) -> int:
        """Return the bit where the compiler puts a member that comes behind ``here``."""
        if not bits:
            return -(-here // (8 * align)) * 8 * align
        if packed or not unit or here % unit + bits <= unit:
            return here
        return -(-here // unit) * unit

    def _gap(self, type_id: int, here: int, start: int) -> list[tuple[str, int]]:
        if start - here > _MAX_GAP:
            raise self._spec.error(type_id, f"a gap of {start - here} bits in type {type_id}")
        gap = []
        while here < start:
            whole = next(((bits, name) for bits, name in _FILL if here % bits == 0 and start - here >= bits), None)
            bits, name = whole or (min(8 - here % 8, start - here), "char")
            gap.append((name, bits))
            here += bits
        return gap


# The sizes for which there is a type in C; the others become bytes.
_ALIGNED = {kinds.INT: (1, 2, 4, 8, 16), kinds.FLOAT: (4, 8)}
_SIZED = (kinds.INT, kinds.STRUCT, kinds.UNION, kinds.ENUM, kinds.FLOAT, kinds.DATASEC, kinds.ENUM64)
