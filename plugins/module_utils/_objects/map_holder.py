# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Local storage of tasks, files, control groups and sockets: the key of an entry is a descriptor of its object."""

from __future__ import annotations

import os
import struct

from .._kernel import errors, syscall
from .._kernel.fd import Fd
from .._uapi import map_types as types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEY = struct.Struct("=i")
# type -> the keys of the dict that names an object; the second may be left out
NAMES = {
    types.TASK_STORAGE: ("pid",),
    types.INODE_STORAGE: ("path",),
    types.CGRP_STORAGE: ("cgroup",),
    types.SK_STORAGE: ("pid", "fd"),
}


def holders(map_type: int, wanted: dict[str, Any]) -> list[tuple[dict[str, Any], Fd]]:
    """Return (name, descriptor) of the objects that a key means; raises `KernelError` where there is none.

    A process that is named for storage of sockets means all of its sockets.
    """
    if map_type == types.TASK_STORAGE:
        return [({"pid": wanted["pid"]}, Fd(syscall.pidfd_open(wanted["pid"])))]
    if map_type == types.SK_STORAGE:
        return _sockets(wanted["pid"], wanted.get("fd"))
    name = NAMES[map_type][0]
    flags = os.O_RDONLY | os.O_DIRECTORY if name == "cgroup" else os.O_PATH
    try:
        # O_PATH: opening a device or a pipe for good may do something.
        fd = os.open(wanted[name], flags | os.O_CLOEXEC)
    except OSError as error:
        raise errors.kernel_error(f"open {wanted[name]}", error.errno or 0) from None
    return [({name: wanted[name]}, Fd(fd))]


def key(holder: Fd) -> bytes:
    """Return the key for an object that is open."""
    return _KEY.pack(holder.number)


def _sockets(pid: int, number: int | None) -> list[tuple[dict[str, Any], Fd]]:
    numbers = [number] if number is not None else _socket_numbers(pid)
    with Fd(syscall.pidfd_open(pid)) as process:
        return [({"pid": pid, "fd": one}, Fd(syscall.pidfd_getfd(process.number, one))) for one in numbers]


def _socket_numbers(pid: int) -> list[int]:
    folder = f"/proc/{pid}/fd"
    found = []
    try:
        for name in os.listdir(folder):
            try:
                if os.readlink(f"{folder}/{name}").startswith("socket:"):
                    found.append(int(name))
            except FileNotFoundError:
                continue
    except OSError as error:
        raise errors.kernel_error(f"list {folder}", error.errno or 0) from None
    return sorted(found)
