# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.

from __future__ import annotations

import ctypes
import errno
import os
import struct

from .._uapi import commands, syscall_numbers
from . import errors

# The kernel writes the output fields of an attr at their fixed offsets whatever size it was told (a query of tcx with
# size 32 writes bytes 56 to 63), so nothing shorter than the largest known union may ever be handed to it.
_MIN_BUFFER = 256

# PROG_LOAD answers EAGAIN while a signal is pending, TEST_RUN EINTR; libbpf gives up after five tries as well: the
# first, and these.
_TURNS = range(4)
# A batch that ends early leaves in its attr how far it came: made again it would ask for no more than that.
_BATCHES = range(commands.BPF_MAP_LOOKUP_BATCH, commands.BPF_MAP_DELETE_BATCH + 1)

_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
# No argtypes: converting by them takes 0.7 of the 4.5 us of a call. An array goes as its address, a number as an int,
# which libffi extends to a register as the kernel wants it.
_syscall.restype = ctypes.c_long


def _number(table: dict[str, int]) -> int:
    """Return the number of a call for this process, whose word size counts, not only the machine's.

    A machine we have no number for gets -1, to which the kernel itself answers ENOSYS.
    """
    machine = os.uname().machine
    machine = syscall_numbers.COMPAT.get((machine, struct.calcsize("P")), machine)
    return table.get(machine, -1)


_NUMBER = _number(syscall_numbers.BPF)


def new_buffer(size: int = _MIN_BUFFER) -> ctypes.Array[ctypes.c_char]:
    """Return a zeroed buffer of at least 256 bytes for an attr or for what the kernel fills in."""
    return ctypes.create_string_buffer(max(size, _MIN_BUFFER))


def words(buffer: ctypes.Array[ctypes.c_char]) -> memoryview:
    """Return a buffer as a view of 32-bit numbers, whose items are set in a third of the time of pack_into()."""
    return memoryview(buffer).cast("B").cast("I")


def address(buffer: ctypes.Array[ctypes.c_char]) -> int:
    """Return the address of a buffer; the caller keeps the buffer alive until the call that uses it returns."""
    return ctypes.addressof(buffer)


def bpf(cmd: int, attr: ctypes.Array[ctypes.c_char], size: int) -> int:
    """Make one bpf(2) call and return its result (>= 0: a descriptor, a length or 0).

    ``attr`` comes from `new_buffer`; ``size`` is how much of it the kernel may believe in. Raises `KernelError` with
    the command's name. The return value alone decides: errno keeps its old content through calls that succeed.
    """
    result: int = _syscall(_NUMBER, cmd, attr, size)
    return result if result >= 0 else _retry(cmd, attr, size)


def _retry(cmd: int, attr: ctypes.Array[ctypes.c_char], size: int) -> int:
    for _turn in _TURNS:
        number = ctypes.get_errno()
        if number not in (errno.EINTR, errno.EAGAIN) or cmd in _BATCHES:
            break
        result: int = _syscall(_NUMBER, cmd, attr, size)
        if result >= 0:
            return result
    raise errors.kernel_error(commands.COMMAND_NAMES.get(cmd, f"BPF command {cmd}"), ctypes.get_errno())


def setns(fd: int, kind: int) -> None:
    """Move this thread into the namespace behind a descriptor; ``kind`` is its CLONE_NEW flag. Raises `KernelError`."""
    # os.setns came with Python 3.12
    if _libc.setns(fd, kind) < 0:
        raise errors.kernel_error("setns", ctypes.get_errno())


def mount(source: bytes, target: bytes, kind: bytes, flags: int, options: bytes) -> None:
    """Mount a file system as mount(2) does; raises `KernelError`."""
    call = _libc.mount
    call.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
    if call(source, target, kind, flags, options) < 0:
        raise errors.kernel_error("mount", ctypes.get_errno())


def pidfd_open(pid: int) -> int:
    """Return a descriptor of a process (Linux 5.3); raises `KernelError`."""
    # os.pidfd_open came with Python 3.9
    return _plain("pidfd_open", _number(syscall_numbers.PIDFD_OPEN), pid, 0)


def pidfd_getfd(process: int, number: int) -> int:
    """Return a copy of a descriptor of the process behind a descriptor (Linux 5.6); raises `KernelError`."""
    # Numbers that are as young as these run in parallel on all machines.
    return _plain("pidfd_getfd", _number(syscall_numbers.PIDFD_OPEN) + 4, process, number, 0)


def _plain(name: str, number: int, *arguments: int) -> int:
    result: int = _syscall(*map(ctypes.c_long, (number, *arguments)))
    if result < 0:
        raise errors.kernel_error(name, ctypes.get_errno())
    return result
