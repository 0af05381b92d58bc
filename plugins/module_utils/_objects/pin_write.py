# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Pins are made, replaced and taken away. All functions raise `KernelError`."""

from __future__ import annotations

import os
import struct
import zlib

from .._kernel import syscall
from .._kernel.errors import kernel_error
from .._kernel.fd import Fd
from .._uapi.commands import BPF_OBJ_PIN

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
    syscall.bpf(BPF_OBJ_PIN, attr, _PIN.size)


def replace(fd: Fd, old: Pin) -> None:
    """Put a pin into the place of another in one step: whoever opens the path gets the old object or the new one.

    Mode and owner are those of the old pin.
    """
    beside = _beside(old.path)
    _forget(beside)
    pin(fd, beside)
    try:
        if old.stat is not None:
            os.chmod(beside, old.stat.st_mode & 0o7777)
            os.chown(beside, old.stat.st_uid, old.stat.st_gid)
        os.rename(beside, old.path)
    except OSError as error:
        _forget(beside)
        raise kernel_error(f"replace {os.fsdecode(old.path)}", error.errno or 0) from None


def unpin(path: bytes) -> None:
    """Take a pin away; the object goes with it if nothing else holds it."""
    try:
        os.unlink(path)
    except OSError as error:
        raise kernel_error(f"unlink {os.fsdecode(path)}", error.errno or 0) from None


def make_directory(path: bytes) -> None:
    """Make a directory; that it is there by now is fine."""
    try:
        os.mkdir(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise kernel_error(f"mkdir {os.fsdecode(path)}", error.errno or 0) from None


def _beside(path: bytes) -> bytes:
    """Return a name in the same directory. It is always the same, so that the next run clears up after a killed one."""
    folder, name = os.path.split(path)
    return os.path.join(folder, b"ebpf_fleet_%08x" % zlib.crc32(name))


def _forget(path: bytes) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise kernel_error(f"unlink {os.fsdecode(path)}", error.errno or 0) from None
