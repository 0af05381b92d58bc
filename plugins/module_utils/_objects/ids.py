# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os
import struct

from .._kernel import syscall
from .._kernel.errors import KernelError, Vanished
from .._uapi import commands
from .._uapi.map_flags import F_RDONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_U32 = struct.Struct("=I")
_OPEN = struct.Struct("=III")
_NEXT_SIZE = 8
_OPEN_SIZE = 12


class Kind:
    """A kind of object that has ids: its name, the two commands, and the flags that open it for reading only."""

    __slots__ = ("flags", "name", "next_command", "open_command")

    def __init__(self, name: str, next_command: int, open_command: int, flags: int = 0) -> None:
        self.name = name
        self.next_command = next_command
        self.open_command = open_command
        self.flags = flags


PROG = Kind("prog", commands.BPF_PROG_GET_NEXT_ID, commands.BPF_PROG_GET_FD_BY_ID)
# Only maps take open flags; every read of ours opens them read-only.
MAP = Kind("map", commands.BPF_MAP_GET_NEXT_ID, commands.BPF_MAP_GET_FD_BY_ID, F_RDONLY)
LINK = Kind("link", commands.BPF_LINK_GET_NEXT_ID, commands.BPF_LINK_GET_FD_BY_ID)
BTF = Kind("btf", commands.BPF_BTF_GET_NEXT_ID, commands.BPF_BTF_GET_FD_BY_ID)


def open_id(kind: Kind, number: int) -> int:
    """Return a descriptor of the object with an id, the caller's to close; raises `KernelError` (gone: `Vanished`)."""
    attr = syscall.new_buffer()
    _OPEN.pack_into(attr, 0, number, 0, kind.flags)
    return syscall.bpf(kind.open_command, attr, _OPEN_SIZE)


def walk(kind: Kind, start: int = 0) -> Iterator[int]:
    """Yield the ids of a kind in ascending order, those above ``start``; raises `KernelError` (EPERM, EINVAL)."""
    attr = syscall.new_buffer()
    number = start
    while True:
        _U32.pack_into(attr, 0, number)
        try:
            syscall.bpf(kind.next_command, attr, _NEXT_SIZE)
        except Vanished:
            return
        number = _U32.unpack_from(attr, 4)[0]
        yield number


def scan(kind: Kind, read) -> Iterator:
    """Yield ``read(id, fd)`` for every object of a kind, its descriptor open only meanwhile.

    What vanishes between its id and its descriptor is left out; so is a link that has not settled yet (EAGAIN).
    Raises `KernelError` of the walk itself.
    """
    attr = syscall.new_buffer()
    command, flags, close, pack, bpf = kind.open_command, kind.flags, os.close, _OPEN.pack_into, syscall.bpf
    for number in walk(kind):
        pack(attr, 0, number, 0, flags)
        try:
            fd = bpf(command, attr, _OPEN_SIZE)
        except KernelError as error:
            if error.errno in (errno.ENOENT, errno.EAGAIN):
                continue
            raise
        try:
            yield read(number, fd)
        finally:
            close(fd)
