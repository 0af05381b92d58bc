# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import marshal
import os

from . import procfs, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

INITIAL = "/proc/1/ns/net"
_CLONE_NEWNET = 0x40000000
_CHUNK = 65536


def read_initial(paths: Iterable[str]) -> dict[str, bytes | int]:
    """Return files below /proc/sys/net as process 1 sees them: path -> content, or the errno of what failed.

    A child enters the network namespace of process 1 and reads; this process stays where it is. Of a container that has
    processes of its own, process 1 is in the container.
    """
    paths = list(paths)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _answer(writing, paths)
    os.close(writing)
    try:
        chunks = []
        while True:
            chunk = os.read(reading, _CHUNK)
            if not chunk:
                break
            chunks.append(chunk)
    finally:
        os.close(reading)
        os.waitpid(child, 0)
    # Some seccomp filters kill who calls setns(2): no answer is a refusal.
    answer: dict[str, bytes | int] = marshal.loads(b"".join(chunks)) if chunks else dict.fromkeys(paths, errno.EPERM)
    return answer


def _answer(writing: int, paths: list[str]) -> None:
    """Write the answer and end this process, whatever happens: nothing of the parent may run twice."""
    try:
        os.write(writing, marshal.dumps(_read(paths)))
    finally:
        os._exit(0)


def _read(paths: list[str]) -> dict[str, bytes | int]:
    try:
        fd = os.open(INITIAL, os.O_RDONLY | os.O_CLOEXEC)
        syscall.setns(fd, _CLONE_NEWNET)
    except OSError as error:
        return dict.fromkeys(paths, error.errno or 0)
    return {path: _read_one(path) for path in paths}


def _read_one(path: str) -> bytes | int:
    try:
        return procfs.read(path)
    except OSError as error:
        return error.errno or 0
