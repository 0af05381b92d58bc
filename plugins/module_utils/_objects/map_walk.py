# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Walks over the keys of a map one by one, for types and kernels without batches."""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .map_elements import Elements

_INDEX = struct.Struct("=I")
# Beyond the entries that a map has room for, or where it does not say (storage of control groups).
_SPARE = 1024
_UNSAID = 1 << 20


class LostPlace(Exception):
    """The key to go on behind is not in the map any more: the kernel would begin again."""


class Walk:
    """One walk; ``complete`` tells afterwards whether it came to the end of the map."""

    __slots__ = ("_elements", "_room", "complete")

    def __init__(self, elements: Elements, max_entries: int) -> None:
        self._elements = elements
        self._room = max_entries or _UNSAID
        self.complete = False

    def indices(self, after: bytes | None = None) -> Iterator[bytes]:
        """Yield the keys of a map whose keys are numbers from 0 on; no call is needed for that."""
        start = 0 if after is None else _INDEX.unpack(after)[0] + 1
        for number in range(start, self._room):
            yield _INDEX.pack(number)
        self.complete = True

    def once(self, after: bytes | None = None) -> Iterator[bytes]:
        """Yield each key once; raises `KernelError`, and `LostPlace` for an ``after`` that is not there.

        Behind a key that was deleted meanwhile a hash begins again: what was seen is passed over, and somebody who
        deletes and adds without end does not keep us here.
        """
        elements, seen = self._elements, set()
        key = elements.next_key(after)
        if after is not None and key is not None and key == elements.next_key(None):
            raise LostPlace
        for _turn in range(2 * self._room + _SPARE):
            if key is None:
                self.complete = True
                return
            # Asked for before the key is handed out: whoever gets it may delete it.
            following = elements.next_key(key)
            if key not in seen:
                seen.add(key)
                yield key
            key = following
