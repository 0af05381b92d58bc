# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Pins are made, replaced and taken away. All functions raise `KernelError`."""

from __future__ import annotations

import errno
import os
import struct
import zlib

from .._kernel import errors, syscall
from .._kernel.fd import Fd
from .._uapi import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pin import Pin

_PIN = struct.Struct("=QI")


def pin(fd: Fd, path: bytes) -> None:
    """Pin the object behind a descriptor at a path that must be free (EEXIST)."""
    name = syscall.new_buffer(len(path) + 1)
    name.raw = path.ljust(len(name), b"\0")
    attr = syscall.new_buffer()
    _PIN.pack_into(attr, 0, syscall.address(name), fd.number)
    syscall.bpf(commands.BPF_OBJ_PIN, attr, _PIN.size)


def pin_new(fd: Fd, path: bytes) -> bool:
    """Pin an object where nothing was a moment ago; return whether that was so, False if somebody else was faster."""
    try:
        pin(fd, path)
    except errors.KernelError as error:
        if error.errno != errno.EEXIST:
            raise
        return False
    return True


def replace(fd: Fd, old: Pin) -> None:
    """Put a pin into the place of another in one step: whoever opens the path gets the old object or the new one.

    Mode and owner are those of the old pin.
    """
    _clear_up(old.path)
    beside = b"%s%d" % (_beside(old.path), os.getpid())
    pin(fd, beside)
    try:
        if old.stat is not None:
            os.chmod(beside, old.stat.st_mode & 0o7777)
            os.chown(beside, old.stat.st_uid, old.stat.st_gid)
        os.rename(beside, old.path)
    except OSError as error:
        _forget(beside)
        raise errors.kernel_error(f"replace {os.fsdecode(old.path)}", error.errno or 0) from None


def unpin(path: bytes) -> None:
    """Take a pin away, if it is there still; the object goes with it if nothing else holds it."""
    _forget(path)


def make_directory(path: bytes) -> bool:
    """Make a directory and return True, False if it is there by now."""
    try:
        os.mkdir(path)
        return True
    except FileExistsError:
        return False
    except OSError as error:
        raise errors.kernel_error(f"mkdir {os.fsdecode(path)}", error.errno or 0) from None


def _beside(path: bytes) -> bytes:
    """Return how names in the same directory begin that are there for a moment; what follows is a pid."""
    folder, name = os.path.split(path)
    return os.path.join(folder, b"ebpf_fleet_%08x_" % zlib.crc32(name))


def _clear_up(path: bytes) -> None:
    """Take away what a killed run has left beside a path."""
    folder, start = os.path.split(_beside(path))
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise errors.kernel_error(f"list {os.fsdecode(folder)}", error.errno or 0) from None
    for name in names:
        pid = name[len(start) :]
        if name.startswith(start) and pid.isdigit() and not os.path.isdir(b"/proc/" + pid):
            _forget(os.path.join(folder, name))


def _forget(path: bytes) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise errors.kernel_error(f"unlink {os.fsdecode(path)}", error.errno or 0) from None
