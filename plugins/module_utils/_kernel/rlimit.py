# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import resource

from . import errors, procfs

# The kernel's RLIM_INFINITY, independent of how this Python spells it (-1, or 2**64 - 1 from 3.15 on).
UNLIMITED = -1

_MEMLOCK_LINE = b"Max locked memory"
_GONE = (errno.ESRCH, errno.ENOENT)


def memlock(pid: int) -> tuple[int, int]:
    """Return (soft, hard) of RLIMIT_MEMLOCK of a process in bytes, or `UNLIMITED`.

    Raises `Vanished` when the process ended meanwhile, else `KernelError`.
    """
    try:
        soft, hard = resource.prlimit(pid, resource.RLIMIT_MEMLOCK)
    except PermissionError:
        # prlimit(2) on another user's process needs CAP_SYS_RESOURCE even to read; the text in procfs is for everybody.
        return _from_procfs(pid)
    except OSError as error:
        raise _error("prlimit", pid, error) from None
    return _normal(soft), _normal(hard)


def set_memlock(pid: int, soft: int, hard: int) -> None:
    """Give a process another RLIMIT_MEMLOCK, in bytes or `UNLIMITED`; memory that it has locked already stays locked.

    Raises `Vanished` when the process ended meanwhile, else `KernelError`.
    """
    try:
        resource.prlimit(pid, resource.RLIMIT_MEMLOCK, (_spelled(soft), _spelled(hard)))
    except OSError as error:
        raise _error("prlimit", pid, error) from None
    except ValueError:
        # what Python makes of EINVAL
        raise errors.kernel_error(f"prlimit of process {pid}", errno.EINVAL) from None


def parse_limits(text: bytes) -> tuple[int, int] | None:
    """Return (soft, hard) of the locked memory line of a /proc/PID/limits text, None when it has no such line."""
    for line in text.split(b"\n"):
        if line.startswith(_MEMLOCK_LINE):
            soft, hard = line[len(_MEMLOCK_LINE) :].split()[:2]
            return _number(soft), _number(hard)
    return None


def _from_procfs(pid: int) -> tuple[int, int]:
    try:
        limits = parse_limits(procfs.read(f"/proc/{pid}/limits"))
    except OSError as error:
        raise _error("read limits", pid, error) from None
    if limits is None:
        raise errors.kernel_error(f"read limits of process {pid}", errno.ENODATA)
    return limits


def _error(call: str, pid: int, error: OSError) -> errors.KernelError:
    name = f"{call} of process {pid}"
    number = error.errno or 0
    return errors.Vanished(name, number) if number in _GONE else errors.kernel_error(name, number)


def _normal(value: int) -> int:
    return UNLIMITED if value == resource.RLIM_INFINITY else value


def _spelled(value: int) -> int:
    return resource.RLIM_INFINITY if value == UNLIMITED else value


def _number(text: bytes) -> int:
    return UNLIMITED if text == b"unlimited" else int(text)
