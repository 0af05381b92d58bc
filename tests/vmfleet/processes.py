# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes, known by pid and start time: a pid alone may belong to somebody else by now."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import signal
import time

PROC = pathlib.Path("/proc")
PATIENCE_SECONDS = 5


@dataclasses.dataclass(frozen=True)
class Process:
    pid: int
    # clock ticks since the machine's boot
    start: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The process that has this pid now, or None."""
        start = start_time(pid)
        return None if start is None else cls(pid, start, boot_id())

    def alive(self) -> bool:
        return self.boot == boot_id() and start_time(self.pid) == self.start

    def send(self, number: int) -> None:
        """Send a signal, to this process and to no other that may have got its pid."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if self.alive():
                signal.pidfd_send_signal(descriptor, number)
        except ProcessLookupError:
            pass
        finally:
            os.close(descriptor)


def boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third, the state, on; empty for one that is gone."""
    try:
        # the name in front may hold spaces and brackets
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(") ")[2].split()
    except OSError:
        return []


def start_time(pid: int) -> int | None:
    fields = stat(pid)
    # a zombie has ended: only its parent has not asked yet
    return int(fields[19]) if fields and fields[0] != "Z" else None


def descendants(pid: int) -> list[Process]:
    """Children of a process and theirs."""
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*"):
        fields = stat(int(path.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(path.name))
    found, queue = [], [pid]
    while queue:
        for child in children.get(queue.pop(), []):
            queue.append(child)
            found.append(Process.of(child))
    return [process for process in found if process]


def end(processes: list[Process], patience: float = PATIENCE_SECONDS) -> list[Process]:
    """Ask processes to end, make them after a while; returns those that live on."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            process.send(number)
        give_up = time.monotonic() + patience
        while any(process.alive() for process in processes) and time.monotonic() < give_up:
            time.sleep(0.02)
        processes = [process for process in processes if process.alive()]
        if not processes:
            break
    return processes


def resident(pid: int, field: str = "VmRSS") -> int:
    """Resident memory of a process in bytes (``VmHWM``: its peak); 0 for one that is gone."""
    try:
        for line in (PROC / str(pid) / "status").read_text(errors="replace").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
