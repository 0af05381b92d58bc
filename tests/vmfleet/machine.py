# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One guest: a qemu with a disk of its own, from its start to its end."""

from __future__ import annotations

import pathlib
import re
import socket
import subprocess
import time

from . import commands, processes, qemu
from .errors import FleetError
from .images import Image
from .places import MIB

# What the kernel says when it has faulted or given up; stalls and lockups are ordinary on a busy machine. Each fault of
# the kernel is counted as [#1], which tells it from one of a program.
DEATH = re.compile(
    rb"Kernel panic - not syncing[^\r\n]*|BUG: unable to handle[^\r\n]*|PANIC: double fault[^\r\n]*"
    rb"|[^\r\n]*: [0-9a-f]{1,16} \[#[0-9]+\][^\r\n]*|vmfleet: no [^\r\n]*"
)


ANSWER_SECONDS = 5


class Machine:
    def __init__(self, name: str, folder: pathlib.Path, image: Image, hardware: qemu.Hardware) -> None:
        self.name, self.folder, self.image, self.hardware = name, folder, image, hardware
        self.port = 0
        self.restarts = 0
        self.started = 0.0
        self.qemu: subprocess.Popen[bytes] | None = None
        self.identity: processes.Process | None = None
        self.control: qemu.Control | None = None
        self.console_read = 0
        self.last_words = ""

    # ---- start

    def new_disk(self, backing: pathlib.Path) -> None:
        """An empty layer over a disk that stays as it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob("*.log"):
            left.unlink()
        form = "qcow2" if backing.suffix == ".qcow2" else "raw"
        disk = self.folder / "disk.qcow2"
        commands.output("qemu-img", "create", "-q", "-f", "qcow2", "-F", form, "-b", backing.absolute(), disk)

    def start(self, memory: pathlib.Path | None = None) -> None:
        """Start qemu on the disk as it is: with saved memory, or from cold. It ends with the thread that calls this."""
        ours, theirs = socket.socketpair()
        self.console_read, self.last_words = 0, ""
        incoming = memory.open("rb") if memory else None
        keep = [theirs.fileno(), *([incoming.fileno()] if incoming else [])]
        fd = incoming.fileno() if incoming else None
        words = qemu.command_line(self.hardware, self.image.folder, self.name, self.port, theirs.fileno(), fd)
        try:
            with (self.folder / "qemu.log").open("ab") as log:
                self.qemu = commands.start(
                    words, cwd=self.folder, stdout=log, stderr=log, start_new_session=True, pass_fds=keep
                )
        finally:
            theirs.close()
            if incoming:
                incoming.close()
        self.started = time.monotonic()
        self.identity = processes.Process.of(self.qemu.pid)
        self.control = qemu.Control(ours)
        try:
            self.port = self.control.forwarded_port()
        except FleetError as error:
            self.stop()
            raise FleetError(f"{self.name} does not start: {self.log() or error}") from None

    def resume(self) -> None:
        """Let a guest go on whose memory was saved, once it is all there."""
        control = self.connected()
        while control.status("query-status") == "inmigrate":
            time.sleep(0.02)
        control.ask("cont")

    def connected(self) -> qemu.Control:
        if not self.control:
            raise FleetError(f"{self.name} has not been started")
        return self.control

    # ---- look

    def log(self) -> str:
        try:
            return commands.telling((self.folder / "qemu.log").read_text(errors="backslashreplace"))
        except FileNotFoundError:
            return ""

    def answers(self) -> bool:
        """Whether the ssh server greets; qemu itself accepts connections long before."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def death(self) -> str:
        """Why the guest does not live any more, or nothing."""
        with (self.folder / "console.log").open("rb") as console:
            console.seek(self.console_read)
            text = console.read()
        # a message may be half written
        self.console_read += max(text.rfind(b"\n") + 1, 0)
        found = DEATH.search(text)
        if found:
            self.last_words = "its console says: " + found[0].decode("ascii", "backslashreplace").strip()
        if self.last_words:
            return self.last_words
        code = self.qemu.poll() if self.qemu else None
        return "" if code is None else f"qemu has ended ({code}): {self.log() or 'it said nothing'}"

    def shut_down(self) -> bool:
        """Whether the guest turned itself off: qemu ends without an error then."""
        return self.qemu is not None and self.qemu.poll() == 0

    def wait(self, seconds: float) -> float:
        """Wait for ssh; returns the seconds since the start of qemu."""
        while not self.answers():
            death = self.death()
            if death:
                raise FleetError(f"{self.name} died while it booted: {death}; see {self.folder}/console.log")
            if time.monotonic() - self.started > seconds:
                raise FleetError(
                    f"{self.name} did not answer on ssh within {seconds:.0f} s: see {self.folder}/console.log"
                )
            time.sleep(0.1)
        return time.monotonic() - self.started

    def mebibytes(self, field: str = "VmRSS") -> int:
        return processes.resident(self.qemu.pid, field) // MIB if self.qemu else 0

    # ---- end

    def stop(self) -> None:
        """End qemu; what is written to the disk stays on it."""
        if self.identity and self.qemu and self.qemu.poll() is None:
            processes.end([self.identity])
        if self.qemu:
            try:
                self.qemu.wait(processes.PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                raise FleetError(f"{self.name} (pid {self.qemu.pid}) does not end") from None
        if self.control:
            self.control.close()
            self.control = None

    def restart(self) -> None:
        """Turn it off and on again, on its disk and its port; what the last console said is kept."""
        self.stop()
        self.restarts += 1
        (self.folder / "console.log").rename(self.folder / f"console-{self.restarts}.log")
        self.start()

    def discard(self) -> None:
        (self.folder / "disk.qcow2").unlink(missing_ok=True)
