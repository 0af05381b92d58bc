# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct

from .._kernel import errors, syscall
from .._uapi import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .map_shape import Shape

_ATTR = struct.Struct("=IIQQQ")


class Elements:
    """Looks up the entries of one map one by one; its buffers are made once."""

    __slots__ = ("_attr", "_fd", "_key", "_next", "_parts", "_value", "shape")

    def __init__(self, fd: int, shape: Shape) -> None:
        self.shape = shape
        self._fd = fd
        self._key = syscall.new_buffer(shape.key)
        self._next = syscall.new_buffer(shape.key)
        self._value = syscall.new_buffer(shape.stride)
        self._attr = syscall.new_buffer()
        self._parts = tuple(memoryview(buffer).cast("B") for buffer in (self._key, self._next, self._value))

    def lookup(self, key: bytes | None) -> bytes | None:
        """Return the value of a key, None where there is none; raises `KernelError`.

        Queues and stacks have no keys: None looks at the value that is next.
        """
        value = syscall.address(self._value)
        return (
            bytes(self._parts[2][: self.shape.stride]) if self._call(commands.BPF_MAP_LOOKUP_ELEM, key, value) else None
        )

    def holds(self, value: bytes) -> bool:
        """Return whether a value may be in a bloom filter, which is asked with the value itself."""
        self._parts[2][: len(value)] = value
        return self._call(commands.BPF_MAP_LOOKUP_ELEM, None, syscall.address(self._value))

    def next_key(self, key: bytes | None) -> bytes | None:
        """Return the key behind one, or the first; None behind the last. A hash begins again behind a lost key."""
        following = syscall.address(self._next)
        return (
            bytes(self._parts[1][: self.shape.key])
            if self._call(commands.BPF_MAP_GET_NEXT_KEY, key, following)
            else None
        )

    def _call(self, command: int, key: bytes | None, target: int) -> bool:
        if key is not None:
            self._parts[0][: len(key)] = key
        pointer = 0 if key is None else syscall.address(self._key)
        _ATTR.pack_into(self._attr, 0, self._fd, 0, pointer, target, 0)
        try:
            syscall.bpf(command, self._attr, _ATTR.size)
        except errors.Vanished:
            return False
        return True
