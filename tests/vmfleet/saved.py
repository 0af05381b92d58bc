# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Saved states: disk and memory of a guest just after its boot, made once, from which machines start in seconds."""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import time

from . import accelerator, places, qemu, ssh
from .errors import FleetError
from .images import Image
from .ledger import Ledger
from .machine import Machine
from .places import GIB, say

# services end their start, and the page cache need not be saved
SETTLE = """
state=$(systemctl is-system-running --wait) || true
[ "$state" = running ] || echo "$state:" $(systemctl --failed --plain --no-legend --no-pager)
sync
echo 3 >/proc/sys/vm/drop_caches
"""
SAVE_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Saved:
    disk: pathlib.Path
    # None: the machine boots from cold
    memory: pathlib.Path | None


def state(image: Image, hardware: qemu.Hardware, keys: pathlib.Path, ledger: Ledger) -> Saved:
    """The saved state of an image on this hardware, from the cache or made now."""
    folder = image.folder / f"saved-{places.digest([*hardware.made_of(), SETTLE])}"
    saved = Saved(folder / "disk.qcow2", folder / "memory")
    what = f"first boot {image.label}" + "".join(f" {word}" for word in hardware.append)
    with places.locked(folder.with_suffix(".lock"), what):
        if folder.exists():
            ledger.note(what, "saved state from the cache")
            return saved
        places.require_space(image.folder, (hardware.memory << 20) / GIB, f"the saved state of {image.label}")
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        with ledger.step(what, f"saved with {hardware.accelerator}") as step:
            try:
                template(image, hardware, keys, part, step)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return saved


def template(image: Image, hardware: qemu.Hardware, keys: pathlib.Path, folder: pathlib.Path, step) -> None:
    machine = Machine("vmfleet", folder, image, hardware)
    machine.new_disk(image.disk)
    machine.start()
    try:
        patience = accelerator.BOOT_SECONDS[hardware.accelerator]
        try:
            machine.wait(patience)
        except FleetError as error:
            if not machine.death():
                raise
            say(f"{image.label}: {error}; trying once more")
            machine.restart()
            machine.wait(patience)
        config = ssh.write(folder / "ssh_config", keys, {machine.name: machine.port})
        told = ssh.run(config, machine.name, SETTLE).strip()
        if told:
            say(f"{image.label} has not come up in full: {told}")
        step.mebibytes = machine.mebibytes()
        save(machine)
    finally:
        machine.stop()


def save(machine: Machine) -> None:
    """Write the memory beside the disk, which must not change after it."""
    control = machine.connected()
    control.ask("stop")
    control.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 33})
    # the shell's folder is that of the machine
    control.ask("migrate", uri="exec:cat >memory")
    give_up = time.monotonic() + SAVE_SECONDS
    while (found := control.status("query-migrate")) != "completed":
        if found in ("failed", "cancelled") or time.monotonic() > give_up:
            raise FleetError(f"qemu could not save the memory of {machine.image.label}: {found or 'no answer'}")
        time.sleep(0.1)
