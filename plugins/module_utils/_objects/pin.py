# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os
import stat
import struct

from .._kernel import bpffs, errors, syscall
from .._kernel.fd import Fd
from .._uapi import commands, map_flags
from . import owners

_GET = struct.Struct("=QII")


class Pin:
    """One file of a bpffs.

    ``path`` and ``mount`` are bytes; ``kind`` is prog, map, link, or None where the file is nothing that can be opened
    (``error`` says why); ``object`` is the `Program`, `Map` or `Link` behind it; ``stat`` the inode's numbers.
    """

    __slots__ = ("error", "kind", "mount", "object", "path", "stat")

    def __init__(self, entry: bpffs.Entry, mount: bytes) -> None:
        self.path = entry.path
        self.mount = mount
        self.stat = entry.stat
        self.error = entry.error
        self.kind: str | None = None
        self.object = None

    @property
    def id(self) -> int | None:
        return self.object.id if self.object is not None else None


def open_path(path: bytes, flags: int = map_flags.F_RDONLY) -> Fd:
    """Return a descriptor of a pinned object, read-only where the kernel can; raises `KernelError`.

    Maps are opened with BPF_F_RDONLY, so that a pin that may only be read is enough; ``flags`` 0 opens them for
    writing too. Links take no flags at all.
    """
    name = syscall.new_buffer(len(path) + 1)
    name.raw = path.ljust(len(name), b"\0")
    attr = syscall.new_buffer()
    _GET.pack_into(attr, 0, syscall.address(name), 0, flags)
    try:
        return Fd(syscall.bpf(commands.BPF_OBJ_GET, attr, _GET.size))
    except errors.KernelError as error:
        if error.errno != errno.EINVAL or not flags:
            raise
    _GET.pack_into(attr, 0, syscall.address(name), 0, 0)
    return Fd(syscall.bpf(commands.BPF_OBJ_GET, attr, _GET.size))


def kind_of(fd: int) -> str | None:
    """Return prog, map, link or btf for a descriptor, None for anything else."""
    return owners.KINDS.get(os.readlink(f"/proc/self/fd/{fd}"), (None,))[0]


class Reader:
    """Reads pinned objects by path; made once for many."""

    def __init__(self) -> None:
        self._readers: dict[str, object] = {}

    def read(self, pin: Pin) -> Pin:
        """Fill in what a pin holds; an error of the kernel's is in the `Pin`, not raised."""
        try:
            fd = open_path(pin.path)
        except errors.KernelError as error:
            # Without its traceback: that leads back to this reader, and the circle would keep its descriptors open.
            pin.error = error.with_traceback(None)
            return pin
        with fd:
            return self.fill(pin, fd.number)

    def fill(self, pin: Pin, fd: int) -> Pin:
        """Fill in a pin from a descriptor of what it holds, or is going to hold."""
        try:
            pin.kind = kind_of(fd)
            if pin.kind is not None:
                pin.object = self._reader(pin.kind).read(0, fd)
        except OSError as error:
            pin.error = errors.kernel_error("read pinned object", error.errno or 0)
        return pin

    def _reader(self, kind: str):
        if kind not in self._readers:
            self._readers[kind] = _make_reader(kind)
        return self._readers[kind]


def _make_reader(kind: str):
    """Return the reader of a kind of object; a target compiles the code only of the kinds that are pinned there."""
    if kind == "prog":
        from . import prog

        return prog.Reader()
    if kind == "map":
        from . import map

        return map.Reader()
    if kind == "link":
        from . import link

        return link.Reader()
    from . import btf

    return btf.Reader()


def read_path(path: bytes) -> Pin | None:
    """Return the pin at a path without links, None where there is nothing; raises `KernelError`.

    A directory or a symbolic link is a `Pin` too; its ``stat`` tells, and it has no kind and no error.
    """
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.EPERM:
            # A bpffs does not even look for a name with a dot.
            return None
        raise errors.kernel_error(f"stat {os.fsdecode(path)}", error.errno or 0) from None
    pin = Pin(bpffs.Entry(path, found, None), bpffs.mount_of(path))
    return Reader().read(pin) if stat.S_ISREG(found.st_mode) else pin


def planned(path: bytes, mount: bytes, fd: int) -> Pin:
    """Return the pin that there would be at a path, were the object behind a descriptor pinned there."""
    return Reader().fill(Pin(bpffs.Entry(path, None, None), mount), fd)


def scan(tops: list[bytes] | None = None) -> list[Pin]:
    """Return every pin below ``tops`` (default: all bpffs mounts of this mount namespace), sorted by path.

    What vanishes meanwhile is left out. Raises `KernelError` where the mounts cannot be listed.
    """
    return read_all(bpffs.walk_mounts(), tops)


def read_all(walked: list[tuple[bytes, list[bpffs.Entry]]], tops: list[bytes] | None = None) -> list[Pin]:
    """Return the pins behind the entries of bpffs mounts, as `scan` does."""
    reader = Reader()
    pins: dict[bytes, Pin] = {}
    for mount, entries in walked:
        for entry in entries:
            pin = Pin(entry, mount)
            if entry.error is None:
                reader.read(pin)
            # Preloaded iterators answer ENOENT although they are there; what was unpinned meanwhile is left out.
            if pin.error is None or pin.error.errno != errno.ENOENT or os.path.lexists(pin.path):
                pins[pin.path] = pin
    return [pins[path] for path in sorted(pins) if tops is None or any(_below(path, top) for top in tops)]


def _below(path: bytes, top: bytes) -> bool:
    return path == top or path.startswith(top.rstrip(b"/") + b"/")


def is_in_bpffs(path: bytes) -> bool:
    """Return whether a path is on a bpffs: the kernel says EACCES for every other file, whoever asks."""
    try:
        device = os.stat(path).st_dev
        return any(device == os.stat(mount).st_dev for mount, _options in bpffs.mounts())
    except OSError:
        return True  # cannot be told: then it is the rights that are missing


def paths(pins: list[Pin]) -> dict[tuple[str, int], list[bytes]]:
    """Return (kind, id) -> the paths of an object."""
    found: dict[tuple[str, int], list[bytes]] = {}
    for pin in pins:
        if pin.kind is not None and pin.id:
            found.setdefault((pin.kind, pin.id), []).append(pin.path)
    return found
