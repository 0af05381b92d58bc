# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""What a Spec knows of types and only dumps ask for: parameters, linkage, the place of a tag.

It is apart from the reader because that travels to every host, for the names of functions alone.
"""

from __future__ import annotations

from . import kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from .reader import Spec

LINKAGE = ("static", "global", "extern")


def own_ids(spec: Spec) -> range:
    """Return the ids of the types of a Spec, without void and without those of its base."""
    return range(max(spec._first, 1), spec.count())


def parameters(spec: Spec, type_id: int) -> Iterator[tuple[str, int]]:
    """Yield (name, type id) of a FUNC_PROTO; "" and 0 at the end stand for any more arguments."""
    holder, place, info = spec._expect(type_id, kinds.FUNC_PROTO)
    for name, parameter in holder._elements(place, info, 2):
        yield holder._string(name), parameter


def linkage(spec: Spec, type_id: int) -> int:
    """Return the linkage of a VAR or FUNC as a number, see `LINKAGE`."""
    holder, place, info = spec._expect(type_id, kinds.VAR, kinds.FUNC)
    return info & 0xFFFF if info >> 24 & 0x7F == kinds.FUNC else holder._words[place + 3]


def component(spec: Spec, type_id: int) -> int:
    """Return which member or parameter a DECL_TAG is about, -1 for the type as a whole."""
    holder, place, _info = spec._expect(type_id, kinds.DECL_TAG)
    word = holder._words[place + 3]
    return word - (1 << 32) if word >> 31 else word
