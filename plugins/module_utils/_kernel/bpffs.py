# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os
import stat

from . import errors, procfs, syscall

_OCTAL = (b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")
# nosuid, nodev and noexec; with the mode it is what systemd mounts at boot.
_FLAGS, _OPTIONS = 2 | 4 | 8, b"mode=700"


def _unescape(field: bytes) -> bytes:
    """Undo the kernel's octal escapes in a field of mountinfo; the backslash comes last."""
    for escape, plain in _OCTAL:
        field = field.replace(escape, plain)
    return field


def parse_mounts(mountinfo: bytes) -> list[tuple[bytes, bytes]]:
    """Return ``(mount point, options)`` of every bpffs in a mountinfo text, in mount order.

    Options are the super block's (mode, uid, gid, delegate_*); KERNEL: Documentation/filesystems/proc.rst 3.5.
    """
    return [(_unescape(fields[4]), tail[2] if len(tail) > 2 else b"") for fields, tail in _lines(mountinfo)]


def parse_devices(mountinfo: bytes) -> set[bytes]:
    """Return the device numbers of every bpffs in a mountinfo text, as ``major:minor``."""
    return {fields[2] for fields, _tail in _lines(mountinfo)}


def _lines(mountinfo: bytes) -> list[tuple[list[bytes], list[bytes]]]:
    """Return the fields before and behind the separator of the lines that are about a bpffs."""
    found = []
    for line in mountinfo.split(b"\n"):  # a path may hold any other control character as it is
        front, separator, back = line.partition(b" - ")
        fields, tail = front.split(b" "), back.split(b" ", 2)
        if separator and tail[0] == b"bpf" and len(fields) > 5:
            found.append((fields, tail))
    return found


def mounts() -> list[tuple[bytes, bytes]]:
    """Return the bpffs mounts of this mount namespace; raises `KernelError`."""
    return parse_mounts(procfs.read("/proc/self/mountinfo"))


def device(path: bytes) -> bytes:
    """Return the device number of the file system that a path is on, as ``major:minor``; raises `OSError`."""
    number = os.stat(path).st_dev
    return b"%d:%d" % (os.major(number), os.minor(number))


def holds(path: bytes) -> bool:
    """Return whether a path, or the nearest directory above it that is there, is on a bpffs; raises `KernelError`.

    What is mounted over a bpffs hides it: not the name of the mount counts, but the device.
    """
    devices = parse_devices(procfs.read("/proc/self/mountinfo"))
    while True:
        try:
            return device(path) in devices
        except OSError as error:
            # EPERM: a bpffs does not even look for a name with a dot.
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EPERM):
                raise errors.kernel_error(f"stat {os.fsdecode(path)}", error.errno or 0) from None
        path = os.path.dirname(path)


def mount_of(path: bytes) -> bytes:
    """Return the mount point of the bpffs that a path without links is below, b"" where there is none."""
    points = (point for point, _options in mounts())
    return max((point for point in points if path.startswith(point.rstrip(b"/") + b"/")), key=len, default=b"")


def mount(target: bytes) -> None:
    """Mount a bpffs that only root may look into on a directory; raises `KernelError`."""
    syscall.mount(b"bpf", target, b"bpf", _FLAGS, _OPTIONS)


class Entry:
    """One file of a bpffs: path (bytes), the inode's numbers, and the error that kept its state from being read."""

    __slots__ = ("error", "path", "stat")

    def __init__(self, path: bytes, stat: os.stat_result | None, error: OSError | None) -> None:
        self.path = path
        self.stat = stat
        self.error = error


def walk(top: bytes) -> list[Entry]:
    """Return every file (not directory, not link) at or below a path of bpffs, by path.

    Other people create and remove entries meanwhile, and a bpffs may hold preloaded iterators or whole unreadable
    directories: what vanishes is left out, and what cannot be looked into is an entry with its error. What is mounted
    inside is no part of it.
    """
    entries: list[Entry] = []
    pending, own = [top], None
    while pending:
        path = pending.pop()
        try:
            found = os.lstat(path)
            own = own or found.st_dev
            if found.st_dev != own:
                continue
            if stat.S_ISDIR(found.st_mode):
                pending += [child.path for child in os.scandir(path)]
            elif not stat.S_ISLNK(found.st_mode):
                entries.append(Entry(path, found, None))
        except FileNotFoundError:
            continue
        except OSError as error:
            entries.append(Entry(path, None, errors.kernel_error("look into bpffs", error.errno or 0)))
    return sorted(entries, key=lambda entry: entry.path)


def walk_mounts() -> list[tuple[bytes, list[Entry]]]:
    """Return each bpffs mount of this mount namespace with its files; raises `KernelError`.

    One that something else is mounted over, itself or a directory above it, is an entry that is `Denied`.
    """
    found = []
    for fields, _tail in _lines(procfs.read("/proc/self/mountinfo")):
        point = _unescape(fields[4])
        try:
            is_seen = device(point) == fields[2]
        except OSError:
            is_seen = False
        entries = walk(point) if is_seen else [Entry(point, None, errors.kernel_error("look into bpffs", errno.EACCES))]
        found.append((point, entries))
    return found
