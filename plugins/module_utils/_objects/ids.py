# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os
import struct

from .._kernel import errors, probe, syscall
from .._kernel.fd import Fd
from .._uapi import commands, map_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_U32 = struct.Struct("=I")
_OPEN = struct.Struct("=III")
_NEXT_SIZE = 8
_OPEN_SIZE = 12


class Kind:
    """A kind of object that has ids: its name, the two commands, and the flags that open it for reading only.

    ``listing`` is the probe whether the running kernel can list the kind at all.
    """

    __slots__ = ("flags", "listing", "name", "next_command", "open_command")

    def __init__(self, name: str, next_command: int, open_command: int, since: str, flags: int = 0) -> None:
        self.name = name
        self.next_command = next_command
        self.open_command = open_command
        self.flags = flags
        self.listing = probe.Probe(f"listing {name} objects by id", since, lambda: next(walk(self), None))


PROG = Kind("prog", commands.BPF_PROG_GET_NEXT_ID, commands.BPF_PROG_GET_FD_BY_ID, "4.13")
# Only maps take open flags; every read of ours opens them read-only.
MAP = Kind("map", commands.BPF_MAP_GET_NEXT_ID, commands.BPF_MAP_GET_FD_BY_ID, "4.13", map_flags.F_RDONLY)
LINK = Kind("link", commands.BPF_LINK_GET_NEXT_ID, commands.BPF_LINK_GET_FD_BY_ID, "5.8")
BTF = Kind("btf", commands.BPF_BTF_GET_NEXT_ID, commands.BPF_BTF_GET_FD_BY_ID, "5.4")


def open_id(kind: Kind, number: int) -> Fd:
    """Return a descriptor of the object with an id; raises `KernelError` (there is none: `Vanished`)."""
    attr = syscall.new_buffer()
    _OPEN.pack_into(attr, 0, number, 0, kind.flags)
    return Fd(syscall.bpf(kind.open_command, attr, _OPEN_SIZE))


def walk(kind: Kind, start: int = 0) -> Iterator[int]:
    """Yield the ids of a kind in ascending order, those above ``start``; raises `KernelError` (EPERM, EINVAL)."""
    attr = syscall.new_buffer()
    number = start
    while True:
        _U32.pack_into(attr, 0, number)
        try:
            syscall.bpf(kind.next_command, attr, _NEXT_SIZE)
        except errors.Vanished:
            return
        number = _U32.unpack_from(attr, 4)[0]
        yield number


def scan(kind: Kind, read, noun=None) -> Iterator:
    """Yield ``read(id, fd)`` for every object of a kind, its descriptor open only meanwhile.

    What vanishes between its id and its descriptor is left out; so is a link that has not settled yet (EAGAIN). An
    object that a security module keeps from us is ``noun(id)`` with its ``error`` set; without ``noun`` that is raised,
    as are errors of the walk itself.
    """
    attr = syscall.new_buffer()
    command, flags, close, pack, bpf = kind.open_command, kind.flags, os.close, _OPEN.pack_into, syscall.bpf
    for number in walk(kind):
        # No Fd here: thousands of objects go through this loop, and an object costs ten times a plain number.
        pack(attr, 0, number, 0, flags)
        try:
            fd = bpf(command, attr, _OPEN_SIZE)
        except errors.KernelError as error:
            if error.errno in (errno.ENOENT, errno.EAGAIN):
                continue
            if noun is None or not isinstance(error, errors.Denied):
                raise
            yield _refused(noun(number), error)
            continue
        try:
            yield read(number, fd)
        finally:
            close(fd)


def _refused(found, error: errors.KernelError):
    # without its traceback, which would keep the frames of the walk and their buffers alive
    found.error = error.with_traceback(None)
    return found
