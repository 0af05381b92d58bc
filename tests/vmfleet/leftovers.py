# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet may have left behind: processes, mounts, files."""

from __future__ import annotations

import os
import pathlib
import re

from .processes import PROC
from .rundir import RunDir


def below(text: str, folders: list[pathlib.Path]) -> bool:
    """Whether a path in this text lies in one of the folders."""
    return any(re.search(re.escape(str(folder)) + r"(/|\Z|[\s,'\"])", text) for folder in folders)


def processes(folders: list[pathlib.Path], proc: pathlib.Path = PROC) -> list[str]:
    """Processes that work in the folders or name them in their arguments, and that no tool which runs has started."""
    found = []
    own = ancestors(os.getpid(), proc)
    for path in sorted(proc.glob("[0-9]*"), key=lambda path: int(path.name)):
        pid = int(path.name)
        try:
            words, place = arguments(pid, proc), os.readlink(path / "cwd")
        except OSError:
            continue
        if pid in own or not (below(" ".join(words), folders) or below(place, folders)):
            continue
        if not any(is_tool(above, proc) for above in ancestors(pid, proc)):
            found.append(f"process {pid}: {' '.join(words)[:120]}")
    return found


def arguments(pid: int, proc: pathlib.Path) -> list[str]:
    return (proc / str(pid) / "cmdline").read_bytes().decode("utf-8", "backslashreplace").rstrip("\0").split("\0")


def is_tool(pid: int, proc: pathlib.Path) -> bool:
    """Whether a process looks like this tool: python3 .../vmfleet"""
    try:
        words = arguments(pid, proc)
    except OSError:
        return False
    return any(os.path.basename(word) == "vmfleet" and "/" in word for word in words[1:3])


def ancestors(pid: int, proc: pathlib.Path) -> list[int]:
    """The process itself and those above it."""
    found: list[int] = []
    while pid and pid not in found:
        found.append(pid)
        try:
            pid = int((proc / str(pid) / "stat").read_text().rpartition(") ")[2].split()[1])
        except OSError:
            break
    return found


def mounts(folders: list[pathlib.Path], mountinfo: pathlib.Path = PROC / "self/mountinfo") -> list[str]:
    points = [line.split()[4].replace("\\040", " ") for line in mountinfo.read_text().splitlines()]
    return [f"mount {point}" for point in points if below(point, folders)]


def files(cache: pathlib.Path, run: RunDir) -> list[str]:
    parts = [*cache.glob("images/*.part"), *cache.glob("images/*/*.part"), *cache.glob("index/*/tmp*")]
    return [f"file {path}" for path in [*run.files(), *sorted(run.path.glob("*/disk.qcow2")), *parts]]


def find(cache: pathlib.Path, run: RunDir) -> list[str]:
    folders = [cache, run.path]
    return list(dict.fromkeys([*processes(folders), *mounts(folders), *files(cache, run)]))
