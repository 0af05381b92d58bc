# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct
from collections import namedtuple

from .._uapi import commands
from . import syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

_ATTR = struct.Struct("=IIQ")
_ATTR_SIZE = 16
# How often an object whose arrays grow from call to call is asked.
_TRIES = 5


def compile_layout(layout: dict[str, tuple[int, str]]) -> struct.Struct:
    """Return one `struct.Struct` that reads a layout (name -> (offset, code)), in order of the offsets."""
    codes = ["="]
    end = 0
    for offset, code in sorted(layout.values()):
        codes.append(f"{offset - end}x{code}")
        end = offset + struct.calcsize("=" + code)
    return struct.Struct("".join(codes))


class Array:
    """An array that the kernel fills in beside an info struct: its pointer, count and (maybe) record size fields.

    ``whole`` arrays grow until the object's fits; of the others the first ``capacity`` items are wanted.
    """

    __slots__ = ("_bytes", "buffer", "capacity", "count", "item", "pointer", "record_size", "whole")

    def __init__(
        self, pointer: str, count: str, item: int, record_size: str = "", capacity: int = 64, whole: bool = True
    ) -> None:
        self.whole = whole
        self.pointer = pointer
        self.count = count
        self.item = item
        self.record_size = record_size
        self.grow(capacity)

    def grow(self, capacity: int) -> None:
        self.capacity = capacity
        self.buffer = syscall.new_buffer(capacity * self.item)
        self._bytes = memoryview(self.buffer).cast("B")

    def u32(self, count: int) -> list[int]:
        """Return the first ``count`` 32-bit numbers of what the kernel filled in."""
        return self._bytes[: 4 * count].cast("I").tolist()

    def data(self, count: int) -> bytes:
        """Return the first ``count`` items as bytes."""
        return bytes(self._bytes[: self.item * count])


class InfoCall:
    """OBJ_GET_INFO_BY_FD for one kind of object, its buffers made once and used for every object.

    ``arrays`` are asked for in the same call from the second object on: the first answer tells how far this kernel's
    struct reaches, and a field set beyond that is E2BIG. ``known`` is that reach in bytes, 0 before the first answer.
    ``fields`` are the names of the layout that an answer has, the counts of whole arrays among them; () is all.
    """

    def __init__(
        self,
        layout: dict[str, tuple[int, str]],
        size: int,
        arrays: tuple[Array, ...] = (),
        fields: Collection[str] = (),
    ) -> None:
        self._layout = layout
        self._fields = sorted(fields or layout, key=lambda name: layout[name][0])
        self._unpack = compile_layout({name: layout[name] for name in self._fields}).unpack_from
        self._size = size
        self._arrays = arrays
        self._attr = syscall.new_buffer()
        self._buffer = syscall.new_buffer(size)
        _ATTR.pack_into(self._attr, 0, 0, size, syscall.address(self._buffer))
        self._words = syscall.words(self._attr)
        self._bytes = memoryview(self._buffer).cast("B")
        self._plain = bytes(len(self._bytes))
        self._wanted = self._plain
        self._make = namedtuple("Info", self._fields)._make  # type: ignore[attr-defined]
        self._growing: list[tuple[int, Array]] = []
        self.known = 0

    def read(self, fd: int) -> Any:
        """Return the info of an object as a namedtuple of the fields; raises `KernelError`.

        Arrays are in ``arrays[...].buffer``, valid until the next call; after five tries a growing object's count may
        exceed it.
        """
        if not self.known:
            self._call(fd, self._plain)
            self._learn()
        info = self._call(fd, self._wanted)
        for place, array in self._growing:
            if info[place] > array.capacity:
                return self._read_longer(fd, info)
        return info

    def has(self, field: str) -> bool:
        """Return whether this kernel's struct reaches a field; what it does not reach is unknown, not 0."""
        offset, code = self._layout[field]
        return offset + struct.calcsize("=" + code) <= self.known

    def _read_longer(self, fd: int, info: Any) -> Any:
        for _turn in range(_TRIES - 1):
            short = [array for place, array in self._growing if info[place] > array.capacity]
            if not short:
                break
            self._grow(short, info)
            info = self._call(fd, self._wanted)
        # Of the last answer as well the arrays are returned as they are: longer ones would hold nothing but zeros.
        return info

    def _call(self, fd: int, request: bytes) -> Any:
        words = self._words
        words[0] = fd
        words[1] = self._size
        self._bytes[:] = request
        syscall.bpf(commands.BPF_OBJ_GET_INFO_BY_FD, self._attr, _ATTR_SIZE)
        return self._make(self._unpack(self._buffer))

    def _learn(self) -> None:
        """Note the kernel's reach and the record sizes it insists on, and prepare the full request."""
        self.known = min(self._words[1], self._size)
        self._first = bytes(self._bytes)
        self._prepare()

    def _prepare(self) -> None:
        request = bytearray(self._plain)
        known = [array for array in self._arrays if self.has(array.pointer) and self.has(array.count)]
        self._growing = [(self._fields.index(array.count), array) for array in known if array.whole]
        for array in known:
            self._put(request, array.pointer, syscall.address(array.buffer))
            self._put(request, array.count, array.capacity)
            if array.record_size:
                offset, code = self._layout[array.record_size]
                self._put(request, array.record_size, struct.unpack_from("=" + code, self._first, offset)[0])
        self._wanted = bytes(request)

    def _put(self, request: bytearray, field: str, value: int) -> None:
        offset, code = self._layout[field]
        struct.pack_into("=" + code, request, offset, value)

    def _grow(self, short: list[Array], info: Any) -> None:
        """Enlarge the arrays that were too short for an object; the next call asks with the new ones."""
        for array in short:
            array.grow(2 * getattr(info, array.count))
        self._prepare()
