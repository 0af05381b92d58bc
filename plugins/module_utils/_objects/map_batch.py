# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import struct

from .._kernel import errors, syscall
from .._uapi import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .map_shape import Shape

_ATTR = struct.Struct("=QQQQIIQQ")
_NEXT = struct.Struct("=IIQQ")
_COUNT = struct.Struct("=I")
_COUNT_AT = 32
# A batch of any size from 256 up is as fast as any other (20 ms for 100,000 entries): memory decides.
_ENTRIES = 4096
_MEMORY = 1 << 20
_LEAST = 16


class NoBatches(Exception):
    """The kernel (before Linux 5.6) or this type of map does not look up in batches."""


def entries(shape: Shape) -> int:
    """Return how many entries of a shape make a batch."""
    return max(_LEAST, min(_ENTRIES, _MEMORY // max(shape.key + shape.stride, 1)))


class Batch:
    """Looks up entries of one map by the batch; ``size`` is how many a call asks for, and grows where it must."""

    def __init__(self, fd: int, shape: Shape, size: int) -> None:
        self.size = size
        self._fd = fd
        self._shape = shape
        self._attr = syscall.new_buffer()
        # A bucket's number or a key.
        self._tokens = [syscall.new_buffer(max(shape.key, 4)) for _turn in range(2)]
        self._begun = self._proven = False
        self.resize(size)

    def resize(self, size: int) -> None:
        """Ask for more or fewer entries from now on."""
        self.size = size
        self._keys = syscall.new_buffer(size * self._shape.key)
        self._values = syscall.new_buffer(size * self._shape.stride)
        self._parts = memoryview(self._keys).cast("B"), memoryview(self._values).cast("B")

    def start(self, token: bytes | None) -> None:
        """Begin behind a key, at a bucket, or (None) at the beginning."""
        self._begun = token is not None
        if token is not None:
            memoryview(self._tokens[0]).cast("B")[: len(token)] = token

    @property
    def token(self) -> bytes:
        """Where the next call begins."""
        return self._tokens[0].raw

    def read(self) -> tuple[int, bool]:
        """Look up the next entries and return (how many, whether that is all); raises `KernelError`, `NoBatches`.

        A hash hands out whole buckets: fewer entries than were asked for mean nothing.
        """
        while True:
            try:
                ended = self._call()
            except errors.KernelError as error:
                # The next bucket alone is larger than the buffers. Nothing was handed out, the cursor has not moved.
                if error.errno != errno.ENOSPC:
                    raise
                self.resize(2 * self.size)
                continue
            self._proven = True
            if not ended:
                self._tokens.reverse()
                self._begun = True
            return self._count(), ended

    def keys(self, count: int) -> bytes:
        """Return the first keys of the last answer, side by side."""
        return bytes(self._parts[0][: count * self._shape.key])

    def values(self, count: int) -> bytes:
        """Return the first values of the last answer, side by side."""
        return bytes(self._parts[1][: count * self._shape.stride])

    def _call(self) -> bool:
        first, second = (syscall.address(token) for token in self._tokens)
        keys, values = syscall.address(self._keys), syscall.address(self._values)
        begin = first if self._begun else 0
        _ATTR.pack_into(self._attr, 0, begin, second, keys, values, self.size, self._fd, 0, 0)
        try:
            syscall.bpf(commands.BPF_MAP_LOOKUP_BATCH, self._attr, _ATTR.size)
        except errors.Vanished:
            # The end, and with data: only now, on success and on EINTR is the count the kernel's.
            return True
        except errors.NotSupported:
            raise NoBatches from None
        except errors.KernelError as error:
            if error.errno == errno.EINVAL and not self._proven:
                raise NoBatches from None
            if error.errno != errno.EINTR:
                raise
            return not self._count() and self._skip(begin, second)
        return False

    def _count(self) -> int:
        count: int = _COUNT.unpack_from(self._attr, _COUNT_AT)[0]
        return count

    def _skip(self, begin: int, second: int) -> bool:
        """Move the cursor over a key without a value, and return whether there is none.

        Before Linux 6.14 and its backports an array of maps ends a batch at an empty slot, and an LPM trie at an entry
        that is deleted meanwhile, and the cursor stays where it was if that is the first.
        """
        attr = syscall.new_buffer()
        _NEXT.pack_into(attr, 0, self._fd, 0, begin, second)
        try:
            syscall.bpf(commands.BPF_MAP_GET_NEXT_KEY, attr, _NEXT.size)
        except errors.Vanished:
            return True
        return False
