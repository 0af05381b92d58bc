# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct

from .._kernel import errors, syscall
from .._uapi import commands, layout
from . import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTR = struct.Struct("=IIQ")
_INFO = struct.Struct("=QIIQII")
_NAME_OFFSET = 16
_NAME_SIZE = 128


class Btf:
    """One BTF object: ``id``, ``size`` in bytes, ``name`` (bytes, b"" for a program's), ``kernel`` (None: not told).

    ``error`` is set, and everything but the id None, where it could not be read.
    """

    __slots__ = ("error", "id", "kernel", "name", "size")

    def __init__(self, number: int) -> None:
        self.id = number
        self.size: int | None = None
        self.name: bytes | None = None
        self.kernel: bool | None = None
        self.error: errors.KernelError | None = None


class Reader:
    """Reads BTF objects by descriptor."""

    def __init__(self) -> None:
        self._attr = syscall.new_buffer()
        self._info = syscall.new_buffer()
        self._name = syscall.new_buffer(_NAME_SIZE)
        self.known = 0

    def read(self, number: int, fd: int) -> Btf:
        """Return the BTF object behind a descriptor; an error of the kernel's is in the `Btf`, not raised."""
        found = Btf(number)
        try:
            if not self.known:
                self._call(fd, 0, 0, 0, 0)
                self.known = struct.unpack_from("=I", self._attr, 4)[0]
            # name and kernel_btf came with 5.11; a pointer set in a field the kernel does not know is E2BIG.
            named = self.known >= layout.BTF_INFO_SIZE
            name = (syscall.address(self._name), _NAME_SIZE) if named else (0, 0)
            _blob, found.size, found.id, _pointer, length, kernel = self._call(fd, 0, 0, *name)
        except errors.KernelError as error:
            found.error = error.with_traceback(None)
            return found
        if named:
            found.name = self._name.raw[:length]
            found.kernel = bool(kernel)
        return found

    def blob(self, fd: int, size: int) -> bytes:
        """Return the raw BTF behind a descriptor, ``size`` bytes of it at most; raises `KernelError`."""
        buffer = syscall.new_buffer(size)
        told = self._call(fd, syscall.address(buffer), size, 0, 0)[1]
        return buffer.raw[: min(told, size)]

    def _call(self, fd: int, blob: int, size: int, name: int, name_size: int) -> tuple[int, ...]:
        # A kernel before 5.11 wants the tail that it does not know to be zero, which it is when no name is asked for.
        _INFO.pack_into(self._info, 0, blob, size, 0, name, name_size, 0)
        _ATTR.pack_into(self._attr, 0, fd, layout.BTF_INFO_SIZE, syscall.address(self._info))
        syscall.bpf(commands.BPF_OBJ_GET_INFO_BY_FD, self._attr, _ATTR.size)
        return _INFO.unpack_from(self._info)


def scan() -> Iterator[Btf]:
    """Yield the BTF objects of this host in ascending order of ids; raises `KernelError` (EINVAL before Linux 5.4)."""
    return ids.scan(ids.BTF, Reader().read, Btf)


def read_blob(number: int) -> bytes:
    """Return the raw BTF of the object with an id; raises `KernelError`, `Vanished` among them."""
    reader = Reader()
    with ids.open_id(ids.BTF, number) as fd:
        found = reader.read(number, fd.number)
        if found.error is not None:
            raise found.error
        return reader.blob(fd.number, found.size or 0)
