# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All guests of one run: prepared, started together, looked after, stopped together."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import secrets
import time
import uuid
from collections.abc import Iterator

from . import accelerator, inventory, parallel, places, processes, qemu, saved, signals, spec, ssh
from .errors import FleetError
from .images import Builder, Image
from .machine import Machine
from .places import say
from .rundir import RunDir
from .spec import Spec

# Copies of one saved state are twins: each gets a name, a machine id and random numbers of its own, and the right time.
# journald takes the new machine id when it starts.
IDENTIFY = """
hostname {name}
echo {name} >/etc/hostname
printf '127.0.0.1 localhost\\n127.0.1.1 {name}\\n' >/etc/hosts
date -s @{now} >/dev/null
echo {machine_id} >/etc/machine-id
echo {noise} >/dev/urandom
systemctl restart systemd-journald
sync
"""
# more at once only share two cores
PREPARERS = 2
DISK_GIB = 0.3


@dataclasses.dataclass(frozen=True)
class Options:
    accelerator: str = "auto"
    cold: bool = False
    processors: int = 1
    memory: int = 384


@dataclasses.dataclass(frozen=True)
class Prepared:
    image: Image
    hardware: qemu.Hardware
    state: saved.Saved


class Fleet:
    def __init__(self, run: RunDir, builder: Builder, options: Options) -> None:
        self.run, self.builder, self.options, self.ledger = run, builder, options, builder.ledger
        self.machines: list[Machine] = []
        # machine -> until when it may take to come back
        self.coming_back: dict[str, float] = {}
        self.given_up: set[str] = set()
        self.events: list[str] = []

    # ---- prepare

    def prepare(self, specs: list[Spec]) -> list[Prepared]:
        """Image and saved state of each spec; the same one is made once."""
        alike = {dataclasses.replace(one, count=1, name=""): None for one in specs}
        made = dict(zip(alike, parallel.each(self.prepared, alike, PREPARERS), strict=True))
        return [made[dataclasses.replace(one, count=1, name="")] for one in specs]

    def prepared(self, one: Spec) -> Prepared:
        image = self.builder.image(one)
        chosen, _why = accelerator.choose(self.options.accelerator, image.folder, self.builder.cache)
        memory = one.memory or self.options.memory
        hardware = qemu.Hardware(chosen, memory, self.options.processors, one.append)
        if self.options.cold:
            return Prepared(image, hardware, saved.Saved(image.disk, None))
        return Prepared(image, hardware, saved.state(image, hardware, self.builder.keys, self.ledger))

    # ---- start

    @contextlib.contextmanager
    def up(self, specs: list[Spec]) -> Iterator[None]:
        """Run the fleet while the block runs."""
        prepared = self.prepare(specs)
        _chosen, why = accelerator.choose(self.options.accelerator, prepared[0].image.folder, self.builder.cache)
        self.ledger.note("accelerator", f"{prepared[0].hardware.accelerator.upper()} ({why})")
        names = spec.host_names(specs, [one.image.kernel for one in prepared])
        places.require_space(self.run.path, DISK_GIB * sum(map(len, names)), "the disks of the fleet")
        try:
            with self.ledger.step("start", f"{sum(map(len, names))} machines up") as step:
                self.start(prepared, names)
                step.mebibytes = self.mebibytes()
            yield
        finally:
            signals.ignore()
            with self.ledger.step("stop", "all ended") as step:
                step.mebibytes = self.mebibytes("VmHWM")
                self.stop()

    def start(self, prepared: list[Prepared], names: list[list[str]]) -> None:
        states = {}
        for one, group in zip(prepared, names, strict=True):
            for name in group:
                machine = Machine(name, self.run.path / name, one.image, one.hardware)
                self.machines.append(machine)
                self.write_record()
                machine.new_disk(one.state.disk)
                machine.start(one.state.memory)
                self.write_record()
                states[name] = one.state
        for machine in self.machines:
            if states[machine.name].memory:
                machine.resume()
        ports = {machine.name: machine.port for machine in self.machines}
        ssh.write(self.run.ssh_config, self.builder.keys, ports)
        dead = [machine for machine in self.wait(self.machines) if machine]
        for machine in dead:
            self.report(f"{machine.name} died while it started: {machine.death()}; restarted")
            machine.restart()
        if any(self.wait(dead)):
            raise FleetError(f"{' and '.join(machine.name for machine in dead)} died twice while starting")
        places.put(self.run.inventory, inventory.text(self.machines, self.run.ssh_config))
        self.write_record(ready=True)

    def wait(self, machines: list[Machine]) -> list[Machine | None]:
        """Wait for all at once; returns those that died."""
        return parallel.each(self.arrive, machines, max(len(machines), 1))

    def arrive(self, machine: Machine) -> Machine | None:
        """Wait until a machine answers, and tell it who it is; returns it if it died."""
        try:
            machine.wait(accelerator.BOOT_SECONDS[machine.hardware.accelerator])
            self.identify(machine)
        except FleetError:
            if machine.death():
                return machine
            raise
        say(f"{machine.name}: ready {time.monotonic() - machine.started:.1f} s after the start of its qemu")
        return None

    def identify(self, machine: Machine) -> None:
        facts = {"name": machine.name, "machine_id": uuid.uuid4().hex, "noise": secrets.token_hex(64)}
        ssh.run(self.run.ssh_config, machine.name, IDENTIFY.format(now=f"{time.time():.3f}", **facts))

    # ---- look after

    def look_after(self) -> None:
        """Notice guests that the emulator killed, and restart each once; to be called every now and then."""
        for machine in self.machines:
            death = machine.death() if machine.name not in self.given_up else ""
            if not death:
                self.welcome(machine)
            elif machine.shut_down() or machine.restarts:
                self.given_up.add(machine.name)
                self.coming_back.pop(machine.name, None)
                way = "turned itself off" if machine.shut_down() else f"died again and stays down: {death}"
                self.report(f"{machine.name} {way}")
            else:
                self.report(f"{machine.name} died: {death}; restarted")
                machine.restart()
                self.write_record(ready=True)
                self.coming_back[machine.name] = accelerator.BOOT_SECONDS[machine.hardware.accelerator]

    def welcome(self, machine: Machine) -> None:
        """Tell when a restarted machine is back, or that it does not come."""
        patience = self.coming_back.get(machine.name)
        seconds = time.monotonic() - machine.started
        if patience and machine.answers():
            del self.coming_back[machine.name]
            self.report(f"{machine.name} is back after {seconds:.1f} s")
        elif patience and seconds > patience:
            del self.coming_back[machine.name]
            self.report(f"{machine.name} did not come back within {patience:.0f} s")

    def report(self, text: str) -> None:
        self.events.append(text)
        say(text)

    def mebibytes(self, field: str = "VmRSS") -> int:
        return sum(machine.mebibytes(field) for machine in self.machines)

    # ---- end

    def stop(self) -> None:
        """End all guests at once and drop their disks."""
        processes.end([machine.identity for machine in self.machines if machine.identity])
        for machine in self.machines:
            machine.stop()
            machine.discard()

    def write_record(self, ready: bool = False) -> None:
        found = {}
        for machine in self.machines:
            process = dataclasses.asdict(machine.identity) if machine.identity else None
            facts = {"port": machine.port, "kernel": machine.image.kernel, "python": machine.image.python}
            hardware = {"accelerator": machine.hardware.accelerator, "append": list(machine.hardware.append)}
            found[machine.name] = {"process": process, "image": machine.image.label, **facts, **hardware}
        self.run.write(ready, found)


def environment(run: RunDir) -> dict[str, str]:
    """For the command that uses the fleet."""
    ours = {"ANSIBLE_INVENTORY": run.inventory, "VMFLEET_RUN_DIR": run.path, "VMFLEET_SSH_CONFIG": run.ssh_config}
    return dict(os.environ, **{name: str(pathlib.Path(path)) for name, path in ours.items()})
