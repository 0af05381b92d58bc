# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct

from .._kernel import errors, info, procfs, syscall
from .._uapi import commands, layout
from . import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


_ELEM = struct.Struct("=IIQQQ")


class Map:
    """What the kernel tells of one map.

    ``info`` is bpf_map_info as a namedtuple of its UAPI fields, None where reading failed with ``error``; ``fdinfo`` is
    the raw text, where alone memlock, frozen and the owner of a prog_array are told (None: ``fdinfo_error``).
    """

    __slots__ = ("error", "fdinfo", "fdinfo_error", "id", "info")

    def __init__(self, number: int) -> None:
        self.id = number
        self.info: Any = None
        self.fdinfo: bytes | None = None
        self.fdinfo_error: OSError | None = None
        self.error: errors.KernelError | None = None


class Reader:
    """Reads maps by descriptor; made once for many, since it learns the kernel's struct from the first."""

    def __init__(self, fdinfo: bool = True) -> None:
        self.call = info.InfoCall(layout.MAP_INFO, layout.MAP_INFO_SIZE)
        self._fdinfo = procfs.FdInfo() if fdinfo else None

    def read(self, number: int, fd: int) -> Map:
        """Return the map behind a descriptor; an error of the kernel's is in the `Map`, not raised."""
        found = Map(number)
        try:
            found.info = self.call.read(fd)
        except errors.KernelError as error:
            found.error = error.with_traceback(None)
            return found
        found.id = found.info.id
        if self._fdinfo is not None:
            try:
                found.fdinfo = self._fdinfo.read(fd)
            except OSError as error:
                found.fdinfo_error = error.with_traceback(None)
        return found


def scan(fdinfo: bool = True) -> tuple[Reader, Iterator[Map]]:
    """Return a reader and the maps of this host in ascending order of ids; iterating raises `KernelError`."""
    reader = Reader(fdinfo)
    return reader, ids.scan(ids.MAP, reader.read, Map)


def lookup(fd: int, key: bytes, value_size: int) -> bytes:
    """Return the value of a key in a map that is not per-CPU, ``value_size`` bytes; raises `KernelError`."""
    key_buffer, value_buffer = syscall.new_buffer(len(key)), syscall.new_buffer(value_size)
    key_buffer.raw = key.ljust(len(key_buffer), b"\0")
    attr = syscall.new_buffer()
    _ELEM.pack_into(attr, 0, fd, 0, syscall.address(key_buffer), syscall.address(value_buffer), 0)
    syscall.bpf(commands.BPF_MAP_LOOKUP_ELEM, attr, _ELEM.size)
    return value_buffer.raw[:value_size]
