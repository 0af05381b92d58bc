# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes and closes objects without end: the restless host beside which the reads of test_churn.py run.

usage: churn.py BPFFS     until its standard input is closed; then one line with the numbers of what it made
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import objects
from vmlinux import FUNC, vmlinux

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import (
    attach_types,
    commands,
    map_types,
    prog_types,
)

# Objects of one burst live as long as the next burst needs; the pause keeps one CPU free for the reader.
_BURST = 4
_PAUSE = 0.002


def iterator() -> objects.Program | None:
    """Return the program of a link that nothing ever runs, None where this kernel has no iterators."""
    target = vmlinux().id(FUNC, "bpf_iter_task") if vmlinux() else 0
    if not target:
        return None
    return objects.Program(prog_types.TRACING, attach=attach_types.TRACE_ITER, attach_btf_id=target)


def link(program: objects.Fd) -> objects.Fd:
    """Make an iterator link: it runs only when somebody reads it."""
    fields = (0, "I", program.number), (8, "I", attach_types.TRACE_ITER)
    return objects.Fd(objects.call(commands.BPF_LINK_CREATE, 32, *fields)[0])


class Churn:
    """``made[kind]`` counts what was made."""

    def __init__(self, place: Path) -> None:
        self.made = dict.fromkeys(("maps", "programs", "btfs", "links", "pins", "processes"), 0)
        self._place = place
        self._iterator = iterator()
        self._alive: list[objects.Fd] = []

    def burst(self, number: int) -> None:
        """Make a handful of everything, and let go of the handful before."""
        old, self._alive = self._alive, []
        for _turn in range(_BURST):
            self._note("maps", objects.Map(map_types.ARRAY).create())
            self._note("programs", objects.Program(prog_types.SOCKET_FILTER).load())
        self._note("maps", objects.Map(map_types.HASH, btf=(1, 1)).create())
        self._note("btfs", objects.load_btf(objects.btf_blob(number)))
        if self._iterator is not None:
            program = self._iterator.load()
            self._note("programs", program)
            self._note("links", link(program))
        self._pin(number)
        if number % 4 == 0:
            self._process()
        for fd in old:
            fd.close()

    def _note(self, kind: str, fd: objects.Fd) -> None:
        self._alive.append(fd)
        self.made[kind] += 1

    def _pin(self, number: int) -> None:
        folder = self._place / f"d{number}"
        folder.mkdir()
        for i, fd in enumerate(self._alive[:3]):
            objects.pin(fd, folder / f"p{i}")
            self.made["pins"] += 1
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

    def _process(self) -> None:
        """Come and go with the descriptors of this one."""
        child = os.fork()
        if not child:
            time.sleep(_PAUSE)
            os._exit(0)
        self.made["processes"] += 1
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def main() -> None:
    churn, number, start = Churn(Path(sys.argv[1])), 0, time.monotonic()
    print("ready", flush=True)
    refused = 0
    while not select.select([sys.stdin], [], [], _PAUSE)[0]:
        number += 1
        try:
            churn.burst(number)
        except KernelError:
            refused += 1
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    print(json.dumps(dict(churn.made, refused=refused, seconds=time.monotonic() - start)))


if __name__ == "__main__":
    main()
