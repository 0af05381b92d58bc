# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.

from __future__ import annotations

import errno

# ENOTSUPP is the kernel's own "not supported"; it leaks out of bpf(2), but no libc and no Python knows it.
ENOTSUPP = 524


# Where Python knows two names it may tell the one that the kernel does not use.
_NAMES = {ENOTSUPP: "ENOTSUPP", errno.EOPNOTSUPP: "EOPNOTSUPP", errno.EDEADLK: "EDEADLK", errno.EAGAIN: "EAGAIN"}


def errno_name(number: int) -> str:
    """Return the kernel's name of an errno, "ENOTSUPP" for 524, or "errno N" for one nobody has named."""
    return _NAMES.get(number) or errno.errorcode.get(number, f"errno {number}")


def errno_text(number: int) -> str:
    """Return the sentence for an errno; strerror(3) has none for 524."""
    if number == ENOTSUPP:
        return "Operation is not supported by the kernel"
    import os

    return os.strerror(number)


class KernelError(OSError):
    """A kernel call that failed.

    ``call`` is the command or the path (``BPF_PROG_GET_NEXT_ID``, ``open /proc/kallsyms``), ``errno`` the number,
    ``name`` its symbol, ``hint`` one sentence with the likely cause and the way out, or an empty string.
    """

    errno: int

    def __init__(self, call: str, number: int) -> None:
        super().__init__(number, errno_text(number))
        self.call = call

    def __str__(self) -> str:
        return f"{self.call}: {self.strerror} ({self.name})"

    @property
    def name(self) -> str:
        return errno_name(self.errno)

    @property
    def hint(self) -> str:
        # Looking for the cause reads procfs: only a message that a person will see pays for it.
        from . import denial

        return denial.hint(self.call, self.errno)


class Denied(KernelError):
    """EPERM or EACCES: a right is missing; ``hint`` says which as far as it can be told."""


class Vanished(KernelError):
    """ENOENT: the object is not there (any more), or a walk has come to its end."""


class NotSupported(KernelError):
    """ENOSYS, EOPNOTSUPP or ENOTSUPP: this kernel, or this type of object, does not know the operation."""


_CLASSES = {
    errno.EPERM: Denied,
    errno.EACCES: Denied,
    errno.ENOENT: Vanished,
    errno.ENOSYS: NotSupported,
    errno.EOPNOTSUPP: NotSupported,
    ENOTSUPP: NotSupported,
}


def kernel_error(call: str, number: int) -> KernelError:
    """Return the error of the class that belongs to an errno."""
    return _CLASSES.get(number, KernelError)(call, number)


def reason(error: OSError) -> str:
    """Return the short form of an error for the ``unavailable`` table of a record: its errno's name."""
    return errno_name(error.errno or 0)
