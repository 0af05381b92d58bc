# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The door through which a sysctl is written."""

from __future__ import annotations

import errno
import os

from . import errors


def write(path: str, value: int) -> None:
    """Write a number to a file below /proc/sys in one write(2); raises `KernelError`.

    Python's buffered files report a refused value when they are closed, or never.
    """
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, b"%d\n" % value)
        finally:
            os.close(fd)
    except OSError as error:
        raise errors.kernel_error(f"write {path}", error.errno or 0) from None


def refusal(path: str) -> errors.KernelError | None:
    """Return why a file could not be opened for writing, None where it could; opens nothing."""
    if os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return None
    try:
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
    except OSError as error:
        return errors.kernel_error(f"write {path}", error.errno or 0)
    return errors.kernel_error(f"write {path}", errno.EROFS if read_only else errno.EACCES)
