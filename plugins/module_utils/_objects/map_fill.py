# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""How many entries are in a map: counted where that is cheap, estimated from a sample where it is not."""

from __future__ import annotations

import random
import struct
import time
from collections import namedtuple

from .._uapi import map_types as types
from .map_batch import Batch, NoBatches, entries
from .map_elements import Elements
from .map_shape import BUCKETS, INDEXED, shape
from .map_walk import Walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

# method: exact, sampled or at_least. error: of a sample, half the width of the interval that has the count in it 19
# times out of 20; 0 where it is exact, None where it is a lower bound.
Fill = namedtuple("Fill", "count method error")

# Every index of these has a value, always.
_FULL = (types.ARRAY, types.PERCPU_ARRAY, types.INSN_ARRAY)
_MEMORY = 16 << 20
_SECONDS = 0.05
# Hashes with more room than this are sampled.
_COUNTED = 65536
_WINDOWS = 32
_WINDOW = 512
_TOKEN = struct.Struct("=I")


class Budget:
    """What one map may cost: bytes that the kernel copies, and time."""

    def __init__(
        self, memory: int = _MEMORY, seconds: float = _SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._memory = memory
        self._now = now
        self._end = now() + seconds

    def spend(self, size: int) -> bool:
        """Take bytes off and return whether there is anything left."""
        self._memory -= size
        return self._memory > 0 and self._now() < self._end


def fill(fd: int, info: Any, budget: Budget | None = None) -> Fill:
    """Return how many entries the map behind a descriptor has; raises `KernelError` for types that do not tell."""
    if info.type in _FULL:
        return Fill(info.max_entries, "exact", 0)
    counter = _Counter(fd, info, budget or Budget())
    try:
        return counter.batches() if info.type in BUCKETS or info.type in _BATCHED else counter.walk()
    except NoBatches:
        return counter.walk()


_BATCHED = (types.LPM_TRIE, types.ARRAY_OF_MAPS)


class _Counter:
    def __init__(self, fd: int, info: Any, budget: Budget) -> None:
        self._fd = fd
        self._info = info
        self._shape = shape(info)
        self._each = max(self._shape.key + self._shape.stride, 1)
        self._budget = budget

    def batches(self) -> Fill:
        sampled = self._info.type in BUCKETS and self._info.max_entries > _COUNTED
        size = min(entries(self._shape), _WINDOW if sampled else self._info.max_entries + 64)
        batch = Batch(self._fd, self._shape, size)
        return self._sample(batch) if sampled else self._count(batch)

    def _count(self, batch: Batch, count: int = 0) -> Fill:
        more, ended = batch.read()
        # An array of maps with empty slots may hand out little at a time.
        while not ended and self._budget.spend((more + 1) * self._each):
            count += more
            more, ended = batch.read()
        return Fill(count + more, "exact", 0) if ended else Fill(count + more, "at_least", None)

    def walk(self) -> Fill:
        """Count the keys, and of types where every index is a key those with a value."""
        elements = Elements(self._fd, self._shape)
        walk = Walk(elements, self._info.max_entries)
        indexed = self._info.type in INDEXED
        count = 0
        for key in walk.indices() if indexed else walk.once():
            if not indexed or elements.lookup(key) is not None:
                count += 1
            if not self._budget.spend(self._each):
                return Fill(count, "at_least", None)
        return Fill(count, "exact" if walk.complete else "at_least", 0 if walk.complete else None)

    def _sample(self, batch: Batch) -> Fill:
        """Estimate from windows at random buckets, one in each part of the map: a batch may begin at any bucket."""
        buckets = 1 << (self._info.max_entries - 1).bit_length()
        count, ended = batch.read()
        if ended:
            return Fill(count, "exact", 0)
        windows = [(count, _next(batch))]
        if buckets <= 2 * _WINDOWS * windows[0][1]:
            # So few that counting them takes no longer.
            return self._count(batch, count)
        part = buckets // _WINDOWS
        for number in random.sample(range(_WINDOWS), _WINDOWS):
            if not self._budget.spend(batch.size * self._each):
                break
            start = number * part + random.randrange(part)
            batch.start(_TOKEN.pack(start))
            count, ended = batch.read()
            windows.append((count, (buckets if ended else _next(batch)) - start))
        return estimate(windows, buckets, self._info.max_entries)


def _next(batch: Batch) -> int:
    return _TOKEN.unpack_from(batch.token)[0]


def estimate(windows: list[tuple[int, int]], buckets: int, room: int) -> Fill:
    """Return the count that windows of (entries, buckets) stand for, with its error.

    The ratio of the two is that of the whole map. The error is that of a ratio estimator, and no less than that of
    counting entries that are thrown into buckets at random.
    """
    seen, covered = sum(count for count, _width in windows), sum(width for _count, width in windows)
    ratio = seen / covered
    spread = sum((count - ratio * width) ** 2 for count, width in windows)
    number = len(windows)
    by_windows = (spread * number / (number - 1)) ** 0.5 / covered if number > 1 else 0.0
    by_chance = seen**0.5 / covered
    error = 1.96 * buckets * max(by_windows, by_chance)
    return Fill(min(round(ratio * buckets), room), "sampled", max(round(error), 1))
