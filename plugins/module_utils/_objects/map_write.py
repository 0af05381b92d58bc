# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Writes entries of one map: in batches where the kernel and the type have them, else one by one."""

from __future__ import annotations

import errno
import struct

from .._kernel import errors, syscall
from .._uapi import commands
from . import ids, map_batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence

    from .._kernel.fd import Fd
    from .map_shape import Shape

_BATCH = struct.Struct("=QQQQIIQQ")
_COUNT = struct.Struct("=I")
_COUNT_AT = 32
_ELEM = struct.Struct("=IIQQQ")
# A delete has no value and no flags: what is behind the key would be an error of ours.
_DELETE_SIZE = 16
# Without the flag that opens it for reading only.
_WRITABLE = ids.Kind("map", ids.MAP.next_command, ids.MAP.open_command, "4.13")
_ONE = {
    commands.BPF_MAP_UPDATE_BATCH: commands.BPF_MAP_UPDATE_ELEM,
    commands.BPF_MAP_DELETE_BATCH: commands.BPF_MAP_DELETE_ELEM,
}


def open_id(number: int) -> Fd:
    """Return a descriptor of the map with an id to read and to write by; raises `KernelError`."""
    return ids.open_id(_WRITABLE, number)


def _buffer(data: bytes):
    made = syscall.new_buffer(len(data))
    memoryview(made).cast("B")[: len(data)] = data
    return made


class Writer:
    """Writes entries and counts: ``written``, ``gone`` (to be deleted, and somebody else was faster), ``failed``
    [(key, `KernelError`)] and ``not_attempted``.

    It stops at its first failure unless it is told to ``go_on``. ``flags`` are those of an element; batches take none.
    """

    def __init__(self, fd: int, shape: Shape, flags: int = 0, go_on: bool = False) -> None:
        self.written = self.gone = self.not_attempted = 0
        self.failed: list[tuple[bytes, errors.KernelError]] = []
        self._fd, self._shape, self._flags, self._go_on = fd, shape, flags, go_on
        self._size = map_batch.entries(shape)
        self._alone: set[int] = {commands.BPF_MAP_UPDATE_BATCH} if flags else set()
        self._attr = syscall.new_buffer()
        self._key = syscall.new_buffer(shape.key)
        self._value = syscall.new_buffer(shape.stride)

    def update(self, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Set the values of keys."""
        self._run(commands.BPF_MAP_UPDATE_BATCH, keys, values)

    def delete(self, keys: Sequence[bytes]) -> None:
        """Delete the entries of keys; one that is not there any more is no failure."""
        self._run(commands.BPF_MAP_DELETE_BATCH, keys, ())

    def push(self, value: bytes) -> None:
        """Put a value into a queue or stack; raises `KernelError`."""
        self._element(commands.BPF_MAP_UPDATE_ELEM, None, value)

    def pop(self) -> bytes:
        """Take the next value out of a queue or stack and return it; raises `KernelError` (`Vanished`: it is empty)."""
        _ELEM.pack_into(self._attr, 0, self._fd, 0, 0, syscall.address(self._value), 0)
        syscall.bpf(commands.BPF_MAP_LOOKUP_AND_DELETE_ELEM, self._attr, _ELEM.size)
        return self._value.raw[: self._shape.stride]

    def _run(self, command: int, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        at = 0
        while at < len(keys):
            if self.failed and not self._go_on:
                self.not_attempted += len(keys) - at
                return
            end = min(at + self._size, len(keys))
            work = self._one_by_one if command in self._alone else self._batch
            done, error = work(command, keys[at:end], values[at:end])
            self.written += done
            at += done
            if error is not None:
                self._note(command, keys[at], error)
                at += 1

    def _note(self, command: int, key: bytes, error: errors.KernelError) -> None:
        if error.errno == errno.ENOENT and command == commands.BPF_MAP_DELETE_BATCH:
            self.gone += 1
            return
        self.failed.append((key, error.with_traceback(None)))

    def _batch(
        self, command: int, keys: Sequence[bytes], values: Sequence[bytes]
    ) -> tuple[int, errors.KernelError | None]:
        """Return (how many were written, what kept the next one from it)."""
        count = len(keys)
        held = _buffer(b"".join(keys)), _buffer(b"".join(values))
        pointers = syscall.address(held[0]), syscall.address(held[1]) if values else 0
        _BATCH.pack_into(self._attr, 0, 0, 0, *pointers, count, self._fd, 0, 0)
        try:
            syscall.bpf(command, self._attr, _BATCH.size)
        except errors.KernelError as error:
            done = _COUNT.unpack_from(self._attr, _COUNT_AT)[0]
            if done < count:
                return done, error
            # The kernel did not come to the entries: before Linux 5.6, a type without batches, a missing right. What
            # it is then shows at the first entry.
            self._alone.add(command)
            return 0, None
        return count, None

    def _one_by_one(
        self, command: int, keys: Sequence[bytes], values: Sequence[bytes]
    ) -> tuple[int, errors.KernelError | None]:
        for number, key in enumerate(keys):
            try:
                self._element(_ONE[command], key, values[number] if values else None)
            except errors.KernelError as error:
                return number, error
        return len(keys), None

    def _element(self, command: int, key: bytes | None, value: bytes | None) -> None:
        if key is not None:
            memoryview(self._key).cast("B")[: len(key)] = key
        if value is not None:
            memoryview(self._value).cast("B")[: len(value)] = value
        pointer = 0 if key is None else syscall.address(self._key)
        target = 0 if value is None else syscall.address(self._value)
        _ELEM.pack_into(self._attr, 0, self._fd, 0, pointer, target, 0 if value is None else self._flags)
        syscall.bpf(command, self._attr, _DELETE_SIZE if value is None else _ELEM.size)
