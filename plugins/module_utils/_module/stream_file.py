# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Files that are written piece by piece, too large to be held in memory."""

from __future__ import annotations

import hashlib
import os

from .._kernel import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

_PIECE = 1 << 20


def digest(path: str) -> str | None:
    """Return the SHA-256 of a file in hex, None where there is none; raises `KernelError`."""
    total = hashlib.sha256()
    try:
        with open(path, "rb") as handle:
            for piece in iter(lambda: handle.read(_PIECE), b""):
                total.update(piece)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.kernel_error(f"read {path}", error.errno or 0) from None
    return total.hexdigest()


def unfit(path: str) -> str:
    """Return why a path cannot be that of a file to write, as a sentence, "" where it can."""
    if os.path.isdir(path):
        return f"dest: {path} is a directory; name a file in it"
    if os.path.exists(path) and not os.path.isfile(path):
        # A file would take the place of /dev/null, or of a disk.
        return f"dest: {path} is a device or the like, and no regular file; name another"
    return ""


class StreamFile:
    """The new content of a file, beside it until `move`; a context manager that leaves nothing behind.

    Without ``keep`` nothing is written, and only ``sha256`` and ``size`` come out of it: that is what check mode needs.
    All methods raise `KernelError`.
    """

    def __init__(self, path: str, keep: bool, gzip: bool = False) -> None:
        # A link stays one: the file that it names is written.
        self.path = os.path.realpath(path)
        self.size = 0
        self._beside = f"{self.path}.ebpf-fleet-{os.getpid()}"
        self._total = hashlib.sha256()
        self._fd = self._open() if keep else -1
        self._packer = _packer() if gzip else None

    @property
    def sha256(self) -> str:
        return self._total.hexdigest()

    def __enter__(self) -> StreamFile:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._forget()

    def write(self, data: bytes) -> None:
        """Add data."""
        self._put(self._packer.compress(data) if self._packer else data)

    def finish(self) -> None:
        """Say that no more data come: after that ``sha256`` and ``size`` are those of the file."""
        if self._packer:
            self._put(self._packer.flush())

    def move(self, module: AnsibleModule) -> None:
        """Put the file into the place of the old one in one step. Mode, owner and SELinux context of that one stay."""
        try:
            os.fsync(self._fd)
            if os.path.lexists(self.path):
                module.atomic_move(self._beside, self.path)
                return
            # Not by atomic_move, which opens a new file to everybody before it is given the mode that is wanted.
            os.rename(self._beside, self.path)
        except OSError as error:
            raise self._failure(error) from None
        module.set_default_selinux_context(self.path, False)

    def _open(self) -> int:
        self._forget()  # what a killed process of the same number has left
        try:
            return os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failure(error) from None

    def _put(self, data: bytes) -> None:
        self._total.update(data)
        self.size += len(data)
        if self._fd < 0:
            return
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise self._failure(error) from None

    def _forget(self) -> None:
        try:
            os.unlink(self._beside)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise self._failure(error) from None

    def _failure(self, error: OSError) -> OSError:
        return errors.kernel_error(f"write {self.path}", error.errno or 0)


def _packer():
    """Return what packs with gzip, without a name and a time in the header: the same data make the same file."""
    import zlib

    return zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
