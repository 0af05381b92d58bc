# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of one fleet: who owns it, which processes belong to it, and what an earlier owner left in it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
from collections.abc import Iterator

from . import places, processes
from .errors import FleetError
from .processes import Process


class RunDir:
    def __init__(self, path: pathlib.Path) -> None:
        self.path = path.absolute()
        self.record = self.path / "fleet.json"
        self.ssh_config = self.path / "ssh_config"
        self.inventory = self.path / "inventory.json"

    @contextlib.contextmanager
    def owned(self) -> Iterator[None]:
        """Be the only tool in this folder; begins and ends with nothing of any fleet in it."""
        with places.locked(self.path / "lock", f"the run folder {self.path}", wait=False):
            gone = self.clean()
            if gone:
                places.say(f"took away what an earlier run had left in {self.path}: {', '.join(gone)}")
            try:
                yield
            finally:
                self.clean()

    def write(self, ready: bool, machines: dict[str, dict]) -> None:
        owner = Process.of(os.getpid())
        found = {"ready": ready, "owner": dataclasses.asdict(owner) if owner else None, "machines": machines}
        places.replace(self.record, json.dumps(found, indent=2) + "\n")

    def read(self) -> dict:
        """What the owner wrote last; empty when there is no fleet."""
        try:
            return json.loads(self.record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise FleetError(f"{self.record} is damaged: remove it once no qemu of this fleet runs") from None

    def owner(self) -> Process | None:
        found = self.read().get("owner")
        owner = Process(**found) if found else None
        return owner if owner and owner.alive() else None

    def guests(self) -> list[Process]:
        """The recorded guests that still run."""
        recorded = [machine["process"] for machine in self.read().get("machines", {}).values() if machine["process"]]
        return [process for process in (Process(**found) for found in recorded) if process.alive()]

    def clean(self) -> list[str]:
        """End the recorded guests and remove the files of the fleet; logs stay. Tells what was there."""
        running = self.guests()
        gone = [f"process {process.pid}" for process in running]
        stubborn = processes.end(running)
        if stubborn:
            raise FleetError(f"processes {', '.join(str(one.pid) for one in stubborn)} of {self.path} do not end")
        for path in self.files():
            gone.append(str(path.relative_to(self.path)))
            path.unlink()
        shutil.rmtree(self.path / "cp", ignore_errors=True)
        return gone

    def files(self) -> list[pathlib.Path]:
        """Files that only a running fleet has."""
        names = list(self.read().get("machines", {})) if self.record.exists() else []
        paths = [*(self.path / name / "disk.qcow2" for name in names), self.inventory, self.ssh_config, self.record]
        return [path for path in paths if path.exists()]
