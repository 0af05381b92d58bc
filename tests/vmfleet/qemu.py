# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""qemu: its command line, its version, and its control socket."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
import socket

from . import commands
from .errors import FleetError

PROGRAM = "qemu-system-x86_64"
# Emulation without cmpxchg16b, on which Linux 6.12 faults in the emulator of QEMU 7.2, and without what costs time and
# serves nobody here: 5-level page tables, nested virtualisation, protection keys, checks of each access to user memory
# (smap), and the promise that copying byte by byte is fast (erms), which is true of real processors only.
# Room for translated code: without a limit a guest takes 0.7 to 1.3 GiB in place of 0.4, and is no faster.
ACCELERATORS = {"kvm": "kvm", "tcg": "tcg,tb-size=128"}
CPUS = {"kvm": "host", "tcg": "max,-cx16,-la57,-svm,-pku,-smap,-erms"}
# A kernel that panics stays as it is (panic=0), so that the console tells and nobody takes it for a reboot. Where all
# processes have the same addresses (norandmaps), the emulator uses what it has translated once again; the addresses of
# the kernel are drawn at each boot as ever.
KERNEL_ARGUMENTS = [
    "console=ttyS0",
    "quiet",
    "loglevel=4",
    "net.ifnames=0",
    "root=/dev/vda",
    "rw",
    "tsc=reliable",
    "no_timer_check",
    "norandmaps",
    "panic=0",
]


@dataclasses.dataclass(frozen=True)
class Hardware:
    accelerator: str
    memory: int = 384
    processors: int = 1
    append: tuple[str, ...] = ()

    def made_of(self) -> list[object]:
        """What a saved state depends on, beside its image."""
        return [version(), *command_line(self, pathlib.Path("image"), "any", 0, 0, None)]


def version() -> str:
    return commands.output(PROGRAM, "--version").splitlines()[0]


def command_line(
    hardware: Hardware, image: pathlib.Path, name: str, port: int, control: int, incoming: int | None
) -> list[str]:
    """Start a guest in the current folder on ``disk.qcow2``, with the memory that descriptor ``incoming`` brings."""
    arguments = " ".join([*KERNEL_ARGUMENTS, *hardware.append])
    words = [PROGRAM, "-name", name, "-nodefaults", "-no-user-config", "-display", "none"]
    words += ["-machine", "q35", "-accel", ACCELERATORS[hardware.accelerator], "-cpu", CPUS[hardware.accelerator]]
    words += ["-m", str(hardware.memory), "-smp", str(hardware.processors)]
    words += ["-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initrd"), "-append", arguments]
    # unsafe: what qemu would flush is thrown away at the end of the run
    words += ["-drive", "if=none,id=root,file=disk.qcow2,format=qcow2,cache=unsafe,discard=unmap"]
    words += ["-device", "virtio-blk-pci,drive=root", "-device", "virtio-rng-pci"]
    words += ["-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22"]
    words += ["-device", "virtio-net-pci,netdev=net,romfile=", "-serial", "file:console.log"]
    words += ["-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control"]
    return [*words, "-incoming", f"fd:{incoming}"] if incoming is not None else words


class Control:
    """The control socket of one qemu (QMP)."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        self.connection = connection
        self.stream = connection.makefile("rwb")
        self.greeted = False

    def ask(self, command: str, **arguments: object) -> dict:
        """What qemu answers; events in between are skipped."""
        try:
            if not self.greeted:
                self.answer()
                self.greeted = True
                self.send("qmp_capabilities", {})
            return self.send(command, arguments)
        except (OSError, ValueError) as error:
            raise FleetError(f"qemu does not answer {command}: {error}") from None

    def send(self, command: str, arguments: dict) -> dict:
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        self.stream.flush()
        answer = self.answer()
        if "error" in answer:
            raise FleetError(f"qemu refuses {command}: {answer['error'].get('desc', answer['error'])}")
        returned = answer["return"]
        return returned if isinstance(returned, dict) else {"text": returned}

    def answer(self) -> dict:
        while True:
            line = self.stream.readline()
            if not line:
                raise ConnectionError("it has ended")
            message = json.loads(line)
            if {"QMP", "return", "error"} & message.keys():
                return message

    def status(self, query: str) -> str:
        return self.ask(query).get("status", "")

    def forwarded_port(self) -> int:
        """The port that the system chose for ssh."""
        text = self.ask("human-monitor-command", **{"command-line": "info usernet"})["text"]
        found = re.search(r"HOST_FORWARD\]\s+\S+\s+\S+\s+(\d+)", text)
        if not found:
            raise FleetError("qemu forwards no port to ssh: is its user network built in?")
        return int(found[1])

    def close(self) -> None:
        self.stream.close()
        self.connection.close()
