# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os
from collections import namedtuple

from .._kernel import procfs
from . import memlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterator

# ``start`` (clock ticks since boot) tells a process from a later one with the same pid. ``name`` is the command name,
# in full where the kernel has cut it.
Process = namedtuple("Process", "pid start name cgroup unit")

# What of /proc/PID/stat is used here.
Stat = namedtuple("Stat", "comm state ppid session flags start")

_GONE = (errno.ENOENT, errno.ESRCH)
_KERNEL_THREAD = 0x00200000
_COMM_SIZE = 15


def parse_stat(text: bytes) -> Stat:
    """Return a /proc/PID/stat text; the name is in brackets and may have any character, brackets too."""
    head, _bracket, tail = text.rpartition(b")")
    fields = tail.split()
    comm = head.partition(b"(")[2].decode("utf-8", "backslashreplace")
    return Stat(comm, fields[0].decode(), int(fields[1]), int(fields[3]), int(fields[6]), int(fields[19]))


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None where there is none."""
    try:
        return parse_stat(procfs.read(f"/proc/{pid}/stat")).start
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise


def get(pid: int) -> Process | None:
    """Return one process, None where there is none; raises `KernelError`."""
    try:
        return _process(pid, parse_stat(procfs.read(f"/proc/{pid}/stat")))
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise


def find(matches: Callable[[Process], bool]) -> list[Process]:
    """Return the processes that a function chooses, sorted by pid; raises `KernelError`.

    Kernel threads, what has ended, and the task itself with the shells it was started by are not asked about.
    """
    own = _own_line()
    return sorted(found for found in _all(own) if matches(found))


def _all(own: set[int]) -> Iterator[Process]:
    for name in procfs.listdir("/proc"):
        if not name.isdigit() or int(name) in own:
            continue
        try:
            stat = parse_stat(procfs.read(f"/proc/{name}/stat"))
            if not stat.flags & _KERNEL_THREAD and stat.state not in "ZXx":
                yield _process(int(name), stat)
        except OSError as error:
            if error.errno not in _GONE:
                raise


def _own_line() -> set[int]:
    """Return this process and those above it in its session: each task has others, which end with it."""
    pid, session = os.getpid(), os.getsid(0)
    own = {pid}
    while pid:
        try:
            stat = parse_stat(procfs.read(f"/proc/{pid}/stat"))
        except OSError as error:
            if error.errno in _GONE:
                break
            raise
        if stat.session != session:
            break
        own.add(pid)
        pid = stat.ppid
    return own


def _process(pid: int, stat: Stat) -> Process:
    text = procfs.read(f"/proc/{pid}/cgroup")
    return Process(pid, stat.start, _full_name(pid, stat.comm), parse_cgroup(text), memlock.parse_unit(text))


def parse_cgroup(text: bytes) -> str | None:
    """Return the cgroup's path out of a /proc/PID/cgroup text; where both versions are mounted, in systemd's own."""
    for controllers in (b"name=systemd", b""):
        for line in text.split(b"\n"):
            fields = line.split(b":", 2)
            if len(fields) == 3 and fields[1] == controllers:
                return fields[2].decode("utf-8", "backslashreplace")
    return None


def _full_name(pid: int, comm: str) -> str:
    """Return the name that the program was called by where the kernel's, of 15 characters, is the start of it."""
    if len(comm) < _COMM_SIZE:
        return comm
    try:
        called = procfs.read(f"/proc/{pid}/cmdline").partition(b"\0")[0].decode("utf-8", "backslashreplace")
    except OSError as error:
        if error.errno in _GONE:
            raise
        return comm
    name = called.rpartition("/")[2]
    return name if name.startswith(comm) else comm
