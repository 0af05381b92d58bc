# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import machine as machine_module
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.machine import DEATH
from ansible_collections.ebpf.fleet.tests.vmfleet.processes import Process

FATAL = [
    b"[   12.3] Kernel panic - not syncing: Attempted to kill init!",
    b"[    9.8] BUG: unable to handle page fault for address: ffffffffdeadbeef",
    b"[    9.8] Oops: 0002 [#1] SMP NOPTI",
    b"[    9.8] Oops: Oops: 0002 [#1] PREEMPT SMP",
    b"[    9.8] invalid opcode: 0000 [#1] PREEMPT SMP NOPTI",
    b"[    9.8] Oops: general protection fault, probably for non-canonical address 0x1: 0000 [#2] SMP",
    b"[    9.8] PANIC: double fault, error_code: 0x0",
    b"vmfleet: no root file system",
]
HARMLESS = [
    b"[  100.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [python3:123]",
    b"[  100.0] rcu: INFO: rcu_sched detected stalls on CPUs/tasks",
    b"[    9.8] traps: python3[77] general protection fault ip:7f sp:7f error:0 in libc.so[1]",
    b"[    9.8] bpf_jit: WARNING: at kernel/bpf/core.c:1",
    b"[    9.8] drop: 12ab [#a]",
]


@pytest.mark.parametrize("line", FATAL)
def test_a_fault_of_the_kernel_is_seen(line):
    assert DEATH.search(b"fine\n" + line + b"\r\nfine\n")


@pytest.mark.parametrize("line", HARMLESS)
def test_other_messages_are_not(line):
    assert not DEATH.search(line)


def write(machine, data):
    with (machine.folder / "console.log").open("ab") as console:
        console.write(data)


class TestLife:
    def test_it_answers_on_a_port_of_its_own(self, machine):
        machine.start()
        assert machine.wait(20) < 20
        assert machine.answers()
        assert machine.port > 0
        assert machine.mebibytes() > 0

    def test_it_ends_and_leaves_its_disk_until_that_is_dropped(self, machine):
        machine.start()
        machine.stop()
        assert not machine.identity.alive()
        assert (machine.folder / "disk.qcow2").exists()
        machine.discard()
        assert not (machine.folder / "disk.qcow2").exists()
        machine.stop()

    def test_saved_memory_is_resumed(self, machine, tmp_path):
        (tmp_path / "memory").write_bytes(b"saved")
        machine.start(tmp_path / "memory")
        assert machine.control.status("query-status") == "inmigrate"
        machine.resume()
        assert machine.control.status("query-status") == "paused"

    def test_a_qemu_that_does_not_start(self, machine):
        (machine.folder / "behave").write_text("refuse")
        with pytest.raises(FleetError, match="one does not start: qemu: no such machine"):
            machine.start()

    def test_a_guest_that_does_not_answer(self, machine, monkeypatch):
        monkeypatch.setattr(machine_module, "ANSWER_SECONDS", 0.1)
        (machine.folder / "behave").write_text("mute")
        machine.start()
        # the connection is made, nobody greets
        with pytest.raises(FleetError, match=r"one did not answer on ssh within 0 s: see .*console\.log"):
            machine.wait(0)

    def test_what_qemu_refuses_is_told(self, machine):
        machine.start()
        with pytest.raises(FleetError, match="qemu refuses bad: no such command"):
            machine.control.ask("bad")


class TestDeath:
    def test_none(self, machine):
        machine.start()
        write(machine, b"\n".join(HARMLESS) + b"\n")
        assert machine.death() == ""

    def test_the_console_tells_it_once_and_for_all(self, machine):
        machine.start()
        write(machine, b"fine\n[ 1.0] Kernel panic - not syncing: x\r\n")
        assert [machine.death() for _turn in range(2)] == ["its console says: Kernel panic - not syncing: x"] * 2

    def test_a_message_may_come_in_pieces(self, machine):
        machine.start()
        write(machine, b"fine\nKernel panic - not ")
        assert machine.death() == ""
        write(machine, b"syncing: x\n")
        assert "not syncing: x" in machine.death()

    def test_qemu_is_gone(self, machine):
        machine.start()
        machine.qemu.kill()
        machine.qemu.wait()
        assert machine.death().startswith("qemu has ended (-9)")
        assert not machine.shut_down()

    def test_a_guest_that_turns_itself_off_is_told_apart(self, machine):
        machine.start()
        machine.identity.send(signal.SIGTERM)
        machine.qemu.wait()
        assert machine.shut_down()

    def test_it_is_restarted_on_its_port_and_its_disk(self, machine):
        machine.start()
        port, first = machine.port, machine.identity
        (machine.folder / "disk.qcow2").write_text("written")
        write(machine, b"Kernel panic - not syncing: x\n")
        assert machine.death()
        machine.restart()
        assert (machine.port, machine.death(), machine.restarts) == (port, "", 1)
        assert (machine.folder / "disk.qcow2").read_text() == "written"
        assert b"panic" in (machine.folder / "console-1.log").read_bytes()
        assert not first.alive()


PARENT = """
import sys, time
from pathlib import Path
from ansible_collections.ebpf.fleet.tests.vmfleet.images import Image
from ansible_collections.ebpf.fleet.tests.vmfleet.machine import Machine
from ansible_collections.ebpf.fleet.tests.vmfleet.qemu import Hardware
folder = Path(sys.argv[1])
machine = Machine("one", folder, Image(folder, "x", "6.1", "3"), Hardware("tcg"))
machine.new_disk(folder / "root.img")
machine.start()
print(machine.qemu.pid, flush=True)
time.sleep(60)
"""


def test_a_guest_does_not_outlive_a_tool_that_was_killed(fake_qemu, tmp_path):
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    command = [sys.executable, "-c", PARENT, str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as tool:
        guest = Process.of(int(tool.stdout.readline()))
        assert guest.alive()
        tool.kill()
    give_up = time.monotonic() + 10
    while guest.alive() and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not guest.alive()
