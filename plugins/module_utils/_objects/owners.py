# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os

from .._kernel import errors, procfs

# What a descriptor's link says, and the fdinfo key that holds the id. A link is "bpf_link" to who made it, and
# "bpf-link" to who opened it by its id or a pin.
KINDS = {
    "anon_inode:bpf-prog": ("prog", b"prog_id:"),
    "anon_inode:bpf-map": ("map", b"map_id:"),
    "anon_inode:bpf_link": ("link", b"link_id:"),
    "anon_inode:bpf-link": ("link", b"link_id:"),
    "anon_inode:btf": ("btf", b"btf_id:"),
}
_GONE = (errno.ENOENT, errno.ESRCH)
# PROC_PID_INIT_INO; BPF objects have no namespace, so from any other they outnumber the processes that are seen.
_ALL_PROCESSES = "pid:[4026531836]"


class Owners:
    """Which processes hold which objects by a descriptor.

    ``pids[kind][id]`` is the sorted list of pids, ``comm[pid]`` the command name as bytes, ``denied`` why processes
    are not seen, or the error that kept the first from being looked into (None: the answer is complete).
    """

    __slots__ = ("comm", "denied", "pids")

    def __init__(self) -> None:
        self.pids: dict[str, dict[int, list[int]]] = {"prog": {}, "map": {}, "link": {}, "btf": {}}
        self.comm: dict[int, bytes] = {}
        self.denied: str | None = None

    def of(self, kind: str, number: int) -> list[int]:
        """Return the pids that hold an object."""
        return self.pids[kind].get(number, [])


def scan() -> Owners:
    """Return the owners of every object, from one walk over /proc/<pid>/fd.

    A foreign descriptor costs one readlink(2); that, not the number of BPF objects, is what a busy host makes dear.
    Processes that vanish are left out. Raises `KernelError` only where /proc itself cannot be listed. A thread that
    unshared its descriptors from its process is not seen.
    """
    owners = Owners()
    names = procfs.listdir("/proc")
    owners.denied = _blind_spot(names)
    for name in names:
        if name.isdigit():
            try:
                _scan_process(owners, name)
            except OSError as error:
                if error.errno not in _GONE:
                    owners.denied = owners.denied or f"{errors.reason(error)} on /proc/{name}/fd"
    return owners


def _blind_spot(names: list[str]) -> str | None:
    """Return why /proc does not list every process of this host, None where it does."""
    try:
        if os.readlink("/proc/self/ns/pid") != _ALL_PROCESSES:
            return "processes of other PID namespaces are not visible"
    except OSError:
        pass  # a kernel without them
    return None if "1" in names else "processes are hidden by hidepid"


def _is_ending(pid: str) -> bool:
    """Return whether a process has ended or is a zombie: its descriptors are closed, and the kernel says EACCES."""
    try:
        state = procfs.read("/proc/" + pid + "/stat").rpartition(b")")[2].split()[:1]
    except errors.KernelError as error:
        return error.errno in _GONE
    return state in ([b"Z"], [b"X"])


def _scan_process(owners: Owners, pid: str) -> None:
    base = "/proc/" + pid
    found: set[tuple[str, int]] = set()
    try:
        is_empty = not _look_into(base, found)
    except OSError as error:
        if error.errno in _GONE or not _is_ending(pid):
            raise
        is_empty = True
    # Threads that outlive the main one keep the descriptors, and only they show them. A directory of threads has a link
    # for each and two of its own: kernel threads have no descriptors either, and this is one call for each.
    if is_empty and os.stat(base + "/task").st_nlink > 3:
        for tid in procfs.listdir(base + "/task"):
            try:
                if tid != pid and _look_into(base + "/task/" + tid, found):
                    break
            except OSError as error:
                if error.errno not in _GONE:
                    raise
    _note(owners, pid, found)


def _look_into(base: str, found: set[tuple[str, int]]) -> bool:
    """Add what a process or thread holds; return whether it has descriptors at all."""
    directory = os.open(base + "/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        readlink, kinds = os.readlink, KINDS
        names = os.listdir(directory)
        for name in names:
            try:
                target = readlink(name, dir_fd=directory)
            except OSError as error:
                if error.errno in _GONE:
                    continue
                # A process with more capabilities than ours may list its descriptors to us and hide where they lead.
                raise
            if target in kinds:
                kind, key = kinds[target]
                found.add((kind, _object_id(base, name, key)))
        return bool(names)
    finally:
        os.close(directory)


def _object_id(base: str, fd: str, key: bytes) -> int:
    """Return the id in a descriptor's fdinfo, 0 where it was closed meanwhile (and maybe became something else)."""
    try:
        text = procfs.read(base + "/fdinfo/" + fd)
    except errors.KernelError as error:
        if error.errno in _GONE:
            return 0
        raise
    for line in text.split(b"\n"):
        if line.startswith(key):
            return int(line[len(key) :])
    return 0


def _note(owners: Owners, pid: str, found: set[tuple[str, int]]) -> None:
    found = {(kind, number) for kind, number in found if number}
    if not found:
        return
    number = int(pid)
    try:
        owners.comm[number] = procfs.read("/proc/" + pid + "/comm")[:-1]
    except errors.KernelError as error:
        if error.errno in _GONE:
            return
        raise
    for kind, object_id in found:
        pids = owners.pids[kind].setdefault(object_id, [])
        pids.append(number)
        pids.sort()
