# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from . import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap

_CHUNK = 65536
_PAGE = 4096
# procfs says size 0 of everything; what says more than this is the BTF of the kernel in sysfs.
_WORTH_MAPPING = 1 << 20


def read(path: str) -> bytes:
    """Return the whole content of a file below /proc or /sys; raises `KernelError`."""
    return bytes(load(path))


def load(path: str) -> bytes | mmap:
    """Return the content of a file below /proc or /sys to search in, which is not copied where it can be mapped; raises
    `KernelError`.

    The files there have no size and hand out whole records, often less than was asked for: only an empty read is the
    end.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise errors.kernel_error(f"open {path}", error.errno or 0) from None
    try:
        size = os.fstat(fd).st_size
        if size >= _WORTH_MAPPING:
            whole = _map(fd, size)
            if whole is not None:
                return whole
        chunks: list[bytes] = []
        while True:
            chunk = os.read(fd, _CHUNK)
            if not chunk:
                return b"".join(chunks)
            chunks.append(chunk)
    except OSError as error:
        raise errors.kernel_error(f"read {path}", error.errno or 0) from None
    finally:
        os.close(fd)


def _map(fd: int, size: int) -> mmap | None:
    """Return a mapping of a file; None where the kernel cannot map it (BTF in sysfs: before Linux 6.16).

    read(2) gets a page a call out of sysfs, whatever it asks for: 1,300 calls for the 5 MB of vmlinux.
    """
    import mmap

    try:
        # The kernel refuses a shared mapping of its BTF, even for reading.
        return mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    except OSError:
        return None


def listdir(path: str) -> list[str]:
    """Return the names in a directory of /proc or /sys, unsorted; raises `KernelError`."""
    try:
        return os.listdir(path)
    except OSError as error:
        raise errors.kernel_error(f"list {path}", error.errno or 0) from None


class FdInfo:
    """Reads /proc/self/fdinfo/<fd> of many descriptors, one after another.

    The kernel looks for the descriptor when the text is read, not when the file is opened. Objects that are opened and
    closed in turn get the same number, so one open file serves all of them, at a fifth of what opening it anew takes.
    """

    def __init__(self) -> None:
        self._directory = self._handle = self._number = -1
        try:
            self._directory = os.open("/proc/self/fdinfo", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise errors.kernel_error("open /proc/self/fdinfo", error.errno or 0) from None

    def __del__(self) -> None:
        for handle in (self._handle, self._directory):
            if handle >= 0:
                os.close(handle)

    def read(self, fd: int) -> bytes:
        """Return the text of one descriptor; raises OSError."""
        if fd != self._number:
            self._turn_to(fd)
        # One record: the kernel grows its buffer until it fits, so a read below a page is the whole.
        text = os.pread(self._handle, _PAGE, 0)
        return text if len(text) < _PAGE else self._rest(text)

    def _turn_to(self, fd: int) -> None:
        handle = os.open(str(fd), os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._directory)
        if self._handle >= 0:
            os.close(self._handle)
        self._handle, self._number = handle, fd

    def _rest(self, text: bytes) -> bytes:
        whole = bytearray()
        while text:
            whole += text
            text = os.pread(self._handle, _CHUNK, len(whole))
        return bytes(whole)


def boot_time_ns() -> int:
    """Return when this machine booted in ns since the epoch, for turning load times into dates."""
    import time

    return time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
