# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders and locks: the cache, and the folder of one running fleet."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import sys
from collections.abc import Iterator, Mapping

from .errors import FleetError

MIB = 1 << 20
GIB = 1 << 30


def cache(environ: Mapping[str, str] | None = None) -> pathlib.Path:
    environ = os.environ if environ is None else environ
    named = environ.get("VMFLEET_CACHE")
    if named:
        return pathlib.Path(named).absolute()
    base = environ.get("XDG_CACHE_HOME") or pathlib.Path(environ.get("HOME") or "~").expanduser() / ".cache"
    return pathlib.Path(base).absolute() / "ebpf-fleet" / "vmfleet"


def digest(parts: object) -> str:
    """A short name for anything that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


@contextlib.contextmanager
def locked(path: pathlib.Path, what: str, wait: bool = True) -> Iterator[int]:
    """Hold a lock while the block runs; yields its descriptor, which keeps the lock wherever it is inherited."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise FleetError(f"{what} is in use by another vmfleet") from None
            say(f"waiting for another vmfleet that is busy with {what}")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def require_space(folder: pathlib.Path, needed: float, what: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / GIB
    if free < needed:
        raise FleetError(
            f"{what} needs {needed:.1f} GiB and {folder} has {free:.1f} GiB left: make room, or set VMFLEET_CACHE"
        )


def put(path: pathlib.Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def replace(path: pathlib.Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new one."""
    put(path.with_suffix(".new"), text)
    path.with_suffix(".new").replace(path)


def say(text: str) -> None:
    print(f"vmfleet: {text}", file=sys.stderr, flush=True)
