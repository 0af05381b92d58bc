# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os

from .._kernel import errors, probe, syscall
from .._kernel.fd import Fd
from .._uapi import commands, map_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NEXT_SIZE = 8
_OPEN_SIZE = 12
# After so many steps of 1 the next id is taken for likely: a wrong guess costs what two right ones save.
_ROW = 4


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
    return Fd(_opener(kind)(number))


def _opener(kind: Kind) -> Callable[[int], int]:
    """Return the function that opens an object by its id; thousands of objects go through the same buffer."""
    attr = syscall.new_buffer()
    words = syscall.words(attr)
    words[2] = kind.flags
    command, bpf = kind.open_command, syscall.bpf

    def open_number(number: int) -> int:
        words[0] = number
        return bpf(command, attr, _OPEN_SIZE)

    return open_number


def _follower(kind: Kind) -> Callable[[int], int]:
    """Return the function that tells the next id above one, 0 where there is none."""
    attr = syscall.new_buffer()
    words = syscall.words(attr)
    command, bpf = kind.next_command, syscall.bpf

    def following(number: int) -> int:
        words[0] = number
        try:
            bpf(command, attr, _NEXT_SIZE)
        except errors.Vanished:
            return 0
        return words[1]

    return following


def walk(kind: Kind, start: int = 0) -> Iterator[int]:
    """Yield the ids of a kind in ascending order, those above ``start``; raises `KernelError` (EPERM, EINVAL)."""
    following = _follower(kind)
    number = following(start)
    while number:
        yield number
        number = following(number)


def scan(kind: Kind, read, noun=None) -> Iterator:
    """Yield ``read(id, fd)`` for every object of a kind, its descriptor open only meanwhile.

    What vanishes between its id and its descriptor is left out; so is a link that has not settled yet (EAGAIN). An
    object that a security module keeps from us is ``noun(id)`` with its ``error`` set; without ``noun`` that is raised,
    as are errors of the walk itself.
    """
    close = os.close
    # No Fd here: an object costs ten times a plain number.
    for number, fd, error in _open_all(kind):
        if error is None:
            try:
                yield read(number, fd)
            finally:
                close(fd)
        elif error.errno not in (errno.ENOENT, errno.EAGAIN):
            if noun is None or not isinstance(error, errors.Denied):
                raise error
            yield _refused(noun(number), error)


def _open_all(kind: Kind) -> Iterator[tuple[int, int, errors.KernelError | None]]:
    """Yield every object's id with a descriptor that is the caller's to close, or with the error of opening it.

    What one program loads has ids in a row. In a row the next id is opened without asking for it, which saves a call
    of four; where that fails, for whatever reason, the kernel is asked again and the answer counts.
    """
    following, open_number = _follower(kind), _opener(kind)
    number = row = 0
    while True:
        if row >= _ROW:
            try:
                fd = open_number(number + 1)
            except errors.KernelError:
                row = 0
            else:
                number += 1
                yield number, fd, None
                continue
        found = following(number)
        if not found:
            return
        row = row + 1 if found == number + 1 else 0
        number = found
        try:
            fd = open_number(number)
        except errors.KernelError as error:
            yield number, -1, error
        else:
            yield number, fd, None


def _refused(found, error: errors.KernelError):
    # without its traceback, which would keep the frames of the walk and their buffers alive
    found.error = error.with_traceback(None)
    return found
