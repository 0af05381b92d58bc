# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What is in a map: packed keys and values, as many at a time as the kernel hands out."""

from __future__ import annotations

import sys
from collections import namedtuple

from .._uapi import map_types as types
from . import map_batch
from .map_elements import Elements
from .map_shape import INDEXED, shape
from .map_walk import LostPlace, Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# keys and values: bytes, side by side. count: how many of them. A type without keys has none.
Chunk = namedtuple("Chunk", "keys values count")

# Only the value that is next can be looked at.
QUEUES = (types.QUEUE, types.STACK)
_WALKED = 256
# How many entries more than were asked for make sure that one call is enough: a hash stops before a bucket that does
# not fit, and buckets hold about one entry.
_SLACK = 64


class Content:
    """The content of one map, behind a descriptor.

    After `chunks` has come to its end ``complete`` tells whether that was all, as far as a map that others write to
    meanwhile allows: an entry that is moved may be missed, none is told twice.
    """

    def __init__(self, fd: int, info: Any) -> None:
        self.info = info
        self.shape = shape(info)
        self.complete = False
        self._fd = fd
        self._elements: Elements | None = None

    @property
    def elements(self) -> Elements:
        if self._elements is None:
            self._elements = Elements(self._fd, self.shape)
        return self._elements

    def chunks(self, want: int = 0, after: bytes | None = None) -> Iterator[Chunk]:
        """Yield the entries, those behind the key ``after``; raises `KernelError` and `LostPlace`.

        With ``want`` the first chunk has at least so many entries, where the map has them, and few more.
        """
        self.complete = False
        if self.info.type in QUEUES:
            yield from self._peek()
            return
        indexed = self.info.type in INDEXED
        if indexed and after is not None and int.from_bytes(after, sys.byteorder) >= self.info.max_entries:
            raise LostPlace
        # Nobody but the kernel knows the bucket of a key.
        if after is None or indexed:
            try:
                yield from self._batches(want, after)
                return
            except map_batch.NoBatches:
                pass
        yield from self._walked(after)

    def lookup(self, key: bytes) -> Chunk:
        """Return the entry of a key, or a chunk without one. In an LPM trie this is the longest prefix, not the key."""
        value = self.elements.lookup(key)
        return Chunk(b"", b"", 0) if value is None else Chunk(key, value, 1)

    def exact(self, key: bytes, same: Any) -> Chunk:
        """Return the entry of an LPM trie whose key is ``same`` as a key, found by looking at all."""
        if self.elements.lookup(key) is None:
            return Chunk(b"", b"", 0)
        size, stride = self.shape.key, self.shape.stride
        for keys, values, count in self.chunks():
            for number in range(count):
                if keys[number * size : number * size + 4] != key[:4]:
                    continue
                found = keys[number * size : (number + 1) * size]
                if same(found) == same(key):
                    return Chunk(found, values[number * stride : (number + 1) * stride], 1)
        return Chunk(b"", b"", 0)

    def _peek(self) -> Iterator[Chunk]:
        value = self.elements.lookup(None)
        self.complete = value is None
        if value is not None:
            yield Chunk(b"", value, 1)

    def _batches(self, want: int, after: bytes | None) -> Iterator[Chunk]:
        size = min(map_batch.entries(self.shape), max(self.info.max_entries, 1) + _SLACK)
        if want:
            size = min(size, want + _SLACK)
        batch = map_batch.Batch(self._fd, self.shape, size)
        batch.start(after)
        once = Once(self.shape, self.info.max_entries) if self.info.type == types.LPM_TRIE else None
        ended = False
        while not ended and not (once and once.tired):
            count, ended = batch.read()
            chunk = Chunk(batch.keys(count), batch.values(count), count)
            if once:
                chunk = once.new(chunk)
            # Before it is handed out: who has had enough does not come back.
            self.complete = ended
            if chunk.count:
                yield chunk

    def _walked(self, after: bytes | None) -> Iterator[Chunk]:
        walk = Walk(self.elements, self.info.max_entries)
        keys: list[bytes] = []
        values: list[bytes] = []
        for key in walk.indices(after) if self.info.type in INDEXED else walk.once(after):
            value = self.elements.lookup(key)
            if value is None:
                continue
            keys.append(key)
            values.append(value)
            if len(keys) == _WALKED:
                yield Chunk(b"".join(keys), b"".join(values), len(keys))
                keys, values = [], []
        self.complete = walk.complete
        if keys:
            yield Chunk(b"".join(keys), b"".join(values), len(keys))


class Once:
    """Passes over entries that came before.

    The cursor of an LPM trie is a key. Where that is deleted meanwhile, the kernel begins again, and somebody who goes
    on deleting could keep us here: ``tired`` says that this went on for too long.
    """

    def __init__(self, shape: Any, room: int) -> None:
        self._shape = shape
        self._patience = room + _WALKED
        self._seen: set[bytes] = set()

    @property
    def tired(self) -> bool:
        return self._patience < 0

    def new(self, chunk: Chunk) -> Chunk:
        """Return a chunk without the entries that were in earlier ones."""
        size, stride = self._shape.key, self._shape.stride
        keys = [chunk.keys[at : at + size] for at in range(0, len(chunk.keys), size)]
        fresh = set(keys)
        if len(fresh) == chunk.count and self._seen.isdisjoint(fresh):
            self._seen |= fresh
            return chunk
        places = []
        for number, key in enumerate(keys):
            if key not in self._seen:
                self._seen.add(key)
                places.append(number)
        self._patience -= chunk.count - len(places)
        values = b"".join(chunk.values[number * stride : (number + 1) * stride] for number in places)
        return Chunk(b"".join(keys[number] for number in places), values, len(places))
