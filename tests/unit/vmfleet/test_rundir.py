# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import os
import subprocess

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.processes import Process
from ansible_collections.ebpf.fleet.tests.vmfleet.rundir import RunDir


@pytest.fixture
def run(tmp_path):
    return RunDir(tmp_path / "run")


@pytest.fixture
def guest():
    child = subprocess.Popen(["sleep", "60"])
    yield child
    child.kill()
    child.wait()


def record(run, guest, **changes):
    """What a tool that was killed has left."""
    process = {**dataclasses.asdict(Process.of(guest.pid)), **changes}
    (run.path / "one").mkdir(parents=True)
    for name in ("disk.qcow2", "console.log"):
        (run.path / "one" / name).write_text(name)
    run.write(True, {"one": {"process": process}, "two": {"process": None}})


def test_the_owner_is_this_process(run):
    run.path.mkdir()
    assert (run.owner(), run.guests()) == (None, [])
    run.write(True, {})
    assert run.owner().pid == os.getpid()


def test_one_tool_at_a_time(run):
    with run.owned(), pytest.raises(FleetError, match=r"the run folder .* is in use by another vmfleet"), run.owned():
        pass
    with run.owned():
        pass


def test_two_folders_at_once(run, tmp_path):
    with run.owned(), RunDir(tmp_path / "other").owned():
        pass


def test_what_was_left_is_ended_and_removed(run, guest, capsys):
    record(run, guest)
    assert [process.pid for process in run.guests()] == [guest.pid]
    with run.owned():
        assert guest.wait() == -15
        assert run.files() == []
    told = capsys.readouterr().err
    assert f"process {guest.pid}" in told
    assert "one/disk.qcow2" in told
    assert sorted(path.name for path in run.path.rglob("*")) == ["console.log", "lock", "one"]


@pytest.mark.parametrize("changes", [{"start": 1}, {"boot": "another"}])
def test_a_process_that_only_has_the_pid_is_left_alone(run, guest, changes):
    record(run, guest, **changes)
    with run.owned():
        assert guest.poll() is None
    assert run.files() == []


def test_the_files_go_with_the_block(run, guest):
    with pytest.raises(KeyError), run.owned():
        record(run, guest)
        run.ssh_config.write_text("x")
        (run.path / "cp").mkdir()
        raise KeyError
    assert (run.files(), (run.path / "cp").exists()) == ([], False)
    assert guest.wait() == -15


def test_a_damaged_record_is_told(run):
    run.path.mkdir()
    run.record.write_text("{")
    with pytest.raises(FleetError, match=r"fleet\.json is damaged"):
        run.read()
