# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Does the kernel charge BPF to RLIMIT_MEMLOCK? Told by what it does."""

from __future__ import annotations

import errno
import os
import resource
import struct

from .._uapi import commands, map_types
from . import errors, syscall

# BPF_MAP_CREATE: map_type, key_size, value_size, max_entries
_ATTR = struct.Struct("=4I")
_CHARGED, _FREE, _UNKNOWN = range(3)
_ANSWER = struct.Struct("=2I")


def charges() -> bool:
    """Return whether a map is refused for a limit of 0 that is made without it.

    The maps are made by a child with a limit of its own; nobody else sees them, and they go with it. Raises
    `KernelError` where no map can be made whatever the limit.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        answer = (_UNKNOWN, errno.ECHILD)
        try:
            answer = _try()
        finally:
            os.write(writer, _ANSWER.pack(*answer))
            # not by an exception: what the parent has to do at its end is not for the child
            os._exit(0)
    os.close(writer)
    try:
        said = os.read(reader, _ANSWER.size)
    finally:
        os.close(reader)
        os.waitpid(child, 0)
    outcome, number = _ANSWER.unpack(said) if len(said) == _ANSWER.size else (_UNKNOWN, errno.ECHILD)
    if outcome == _UNKNOWN:
        raise errors.kernel_error("BPF_MAP_CREATE", number)
    return outcome == _CHARGED


def _try() -> tuple[int, int]:
    """Return the answer and, where it is unknown, the errno."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    try:
        # The user may have used up a limit that is lower; only CAP_SYS_RESOURCE may leave it behind.
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
    try:
        _make_map()
    except errors.KernelError as error:
        return _UNKNOWN, error.errno
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    try:
        _make_map()
    except errors.KernelError as error:
        return (_CHARGED, 0) if error.errno == errno.EPERM else (_UNKNOWN, error.errno)
    return _FREE, 0


def _make_map() -> None:
    attr = syscall.new_buffer()
    _ATTR.pack_into(attr, 0, map_types.ARRAY, 4, 8, 1)
    os.close(syscall.bpf(commands.BPF_MAP_CREATE, attr, _ATTR.size))
