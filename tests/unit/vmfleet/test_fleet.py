# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import accelerator, fleet, saved, session
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.ledger import Ledger
from ansible_collections.ebpf.fleet.tests.vmfleet.rundir import RunDir
from ansible_collections.ebpf.fleet.tests.vmfleet.spec import parse

SAVED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def signals_stay():
    handlers = [signal.getsignal(number) for number in SAVED_SIGNALS]
    yield
    for number, handler in zip(SAVED_SIGNALS, handlers, strict=True):
        signal.signal(number, handler)


class FakeBuilder:
    def __init__(self, image, cache):
        self.made, self.cache, self.keys, self.ledger = image, cache, cache, Ledger()
        self.built = []

    def image(self, spec):
        self.built.append(spec.label)
        return self.made


@pytest.fixture
def crew(fake_qemu, image, tmp_path, monkeypatch):
    """A fleet of fake guests that needs no image and no ssh."""
    (fake_qemu / "ssh").write_text("#!/bin/sh\ncat >/dev/null\n")
    (fake_qemu / "ssh").chmod(0o755)
    (tmp_path / "memory").write_bytes(b"saved")
    monkeypatch.setattr(accelerator, "choose", lambda *arguments: ("tcg", "in a test"))
    monkeypatch.setattr(saved, "state", lambda *arguments: saved.Saved(image.disk, tmp_path / "memory"))
    return fleet.Fleet(RunDir(tmp_path / "run"), FakeBuilder(image, tmp_path), fleet.Options())


def test_machines_are_up_in_the_block_and_gone_after_it(crew):
    with crew.up([parse("bookworm=2"), parse("bookworm append=x")]):
        assert [machine.name for machine in crew.machines] == [f"bookworm-61-{number}" for number in (1, 2, 3)]
        assert len(crew.run.guests()) == 3
        assert crew.run.read()["ready"]
        assert [machine.hardware.append for machine in crew.machines] == [(), (), ("x",)]
        assert all(machine.control.status("query-status") == "paused" for machine in crew.machines)
    assert not any(machine.identity.alive() for machine in crew.machines)
    assert list(crew.run.path.glob("*/disk.qcow2")) == []


def test_like_machines_are_prepared_once(crew):
    with crew.up([parse("bookworm"), parse("bookworm=2 name=x"), parse("bookworm packages=aa")]):
        assert sorted(crew.builder.built) == ["bookworm", "bookworm+aa"]


def test_a_start_that_fails_ends_those_that_run(crew, monkeypatch):
    (crew.run.path / "bookworm-61-2").mkdir(parents=True)
    (crew.run.path / "bookworm-61-2/behave").write_text("refuse")
    with pytest.raises(FleetError, match="bookworm-61-2 does not start"), crew.up([parse("bookworm=2")]):
        pass
    assert not crew.machines[0].identity.alive()


def test_a_dead_guest_is_restarted_once_and_reported(crew):
    with crew.up([parse("bookworm")]):
        (machine,) = crew.machines
        crew.look_after()
        assert crew.events == []
        for _turn in range(2):
            machine.qemu.kill()
            machine.qemu.wait()
            crew.look_after()
            machine.wait(20) if machine.qemu.poll() is None else None
            crew.look_after()
    assert [event.split(":")[0] for event in crew.events[:1]] == ["bookworm-61-1 died"]
    assert crew.events[1].startswith("bookworm-61-1 is back after")
    assert crew.events[2].startswith("bookworm-61-1 died again and stays down: qemu has ended (-9)")
    assert len(crew.events) == 3


def test_one_that_turned_itself_off_stays_off(crew):
    with crew.up([parse("bookworm")]):
        crew.machines[0].identity.send(signal.SIGTERM)
        crew.machines[0].qemu.wait()
        for _turn in range(2):
            crew.look_after()
    assert crew.events == ["bookworm-61-1 turned itself off"]


def test_one_that_does_not_come_back_is_told_once(crew, monkeypatch):
    monkeypatch.setitem(accelerator.BOOT_SECONDS, "tcg", 5)
    with crew.up([parse("bookworm")]):
        (machine,) = crew.machines
        (machine.folder / "behave").write_text("mute")
        machine.qemu.kill()
        machine.qemu.wait()
        crew.look_after()
        monkeypatch.setattr(machine, "answers", lambda: False)
        machine.started -= 10
        for _turn in range(2):
            crew.look_after()
    assert [event.partition(" ")[2][:8] for event in crew.events] == ["died: qe", "did not "]


def run(crew, *command):
    return session.run(list(command), [parse("bookworm")], crew.run, crew.builder, crew.options)


class TestSession:
    def test_the_command_gets_the_inventory_and_its_code_is_ours(self, crew, tmp_path, capfd):
        script = 'cat "$ANSIBLE_INVENTORY"; test -f "$VMFLEET_SSH_CONFIG"; exit 5'
        assert run(crew, "sh", "-c", script) == 5
        told = capfd.readouterr()
        assert "bookworm-61-1" in told.out
        assert "ended with 5" in told.err
        assert crew.run.files() == []

    def test_a_command_that_is_not_there(self, crew, capfd):
        assert run(crew, "/nonexistent") != 0
        assert "/nonexistent" in capfd.readouterr().err

    @pytest.mark.parametrize("number", SAVED_SIGNALS)
    def test_a_signal_ends_the_command_and_the_guests(self, crew, number, tmp_path):
        script = f"echo $$ >{tmp_path}/pid; kill -{number.value} {os.getpid()}; sleep 60 & wait"
        with pytest.raises(SystemExit) as caught:
            run(crew, "sh", "-c", script)
        assert caught.value.code == 128 + number
        assert not pathlib.Path("/proc", (tmp_path / "pid").read_text().strip()).exists()
        assert not any(machine.identity.alive() for machine in crew.machines)
        assert crew.run.files() == []

    def test_guests_are_looked_after_while_it_runs(self, crew, capfd):
        guest = "import json, os; d = json.load(open(os.environ['VMFLEET_RUN_DIR'] + '/fleet.json')); "
        guest += "os.kill(d['machines']['bookworm-61-1']['process']['pid'], 9)"
        assert run(crew, "sh", "-c", f'"{sys.executable}" -c "{guest}"; sleep 2') == 0
        assert "guest: bookworm-61-1 died: qemu has ended (-9)" in capfd.readouterr().err

    def test_down_ends_the_owner(self, crew, tmp_path):
        owner = subprocess.Popen(["sleep", "60"])
        crew.run.path.mkdir()
        crew.run.write(True, {})
        text = crew.run.record.read_text()
        found = session.processes.Process.of(owner.pid)
        me = session.processes.Process.of(os.getpid())
        text = text.replace(f'"pid": {me.pid}', f'"pid": {found.pid}').replace(str(me.start), str(found.start))
        crew.run.record.write_text(text)
        session.down(crew.run)
        assert owner.wait() == -signal.SIGTERM
        assert crew.run.files() == []
