# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of the tool, each a process of its own, on the fake qemu."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import leftovers
from ansible_collections.ebpf.fleet.tests.vmfleet.rundir import RunDir

TOOL = pathlib.Path(__file__).with_name("fake_tool.py")
PATIENCE_SECONDS = 60
# tells its inventory and its pid, and waits until it may end
COMMAND = (
    'cp "$ANSIBLE_INVENTORY" "$0.part"; echo $$ >"$0.pid"; mv "$0.part" "$0"; until [ -e "$1" ]; do sleep 0.05; done'
)


def wait_for(what, condition):
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.02)


@pytest.fixture
def places(fake_qemu, image):
    """A folder for the tool's cache, with programs in place of ssh and qemu."""
    (fake_qemu / "ssh").write_text("#!/bin/sh\ncat >/dev/null\n")
    (fake_qemu / "ssh").chmod(0o755)
    return image.folder


@pytest.fixture
def start(places, tmp_path):
    """Start a run: start(run folder, file that its command writes, file that lets it end)."""
    started = []

    def start(run_dir, mark, end):
        words = [sys.executable, TOOL, places, run_dir, "sh", "-c", COMMAND, mark, end]
        child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stderr.close()


def guests(run_dir):
    """Processes of the guests that a run has written down."""
    return RunDir(run_dir).guests()


def ports(inventory):
    groups = json.loads(inventory.read_text())["all"]["children"].values()
    return {host["ansible_port"] for group in groups for host in group["hosts"].values() if "ansible_port" in host}


def test_two_at_once_in_folders_of_their_own(start, places, tmp_path):
    marks, end = [tmp_path / "a", tmp_path / "b"], tmp_path / "end"
    children = [start(tmp_path / f"run-{mark.name}", mark, end) for mark in marks]
    for mark in marks:
        wait_for(f"the command of {mark.name}", mark.exists)
    # both commands run now, each with machines that the other one does not have
    processes = [{process.pid for process in guests(tmp_path / f"run-{mark.name}")} for mark in marks]
    assert [len(found) for found in processes] == [2, 2]
    assert not processes[0] & processes[1]
    assert [len(ports(mark)) for mark in marks] == [2, 2]
    assert not ports(marks[0]) & ports(marks[1])
    end.touch()
    told = [child.communicate(timeout=PATIENCE_SECONDS)[1] for child in children]
    assert [child.returncode for child in children] == [0, 0], told
    for mark in marks:
        assert leftovers.find(places, RunDir(tmp_path / f"run-{mark.name}")) == []


def test_two_in_one_folder_are_one_too_many(start, tmp_path):
    mark, end = tmp_path / "a", tmp_path / "end"
    first = start(tmp_path / "run", mark, end)
    wait_for("the first command", mark.exists)
    second = start(tmp_path / "run", tmp_path / "b", end)
    assert str(tmp_path / "run") in second.communicate(timeout=PATIENCE_SECONDS)[1]
    assert second.returncode != 0
    assert not (tmp_path / "b").exists()
    assert len(guests(tmp_path / "run")) == 2
    end.touch()
    first.communicate(timeout=PATIENCE_SECONDS)
    assert first.returncode == 0


def test_a_tool_that_is_killed_leaves_files_alone_and_the_next_run_is_clean(start, places, tmp_path):
    run_dir, mark, end = tmp_path / "run", tmp_path / "a", tmp_path / "end"
    tool = start(run_dir, mark, end)
    wait_for("the command", mark.exists)
    running = guests(run_dir)
    command = int(pathlib.Path(f"{mark}.pid").read_text())
    assert len(running) == 2
    tool.send_signal(signal.SIGKILL)
    tool.wait()
    wait_for("the end of the guests", lambda: not any(process.alive() for process in running))
    wait_for("the end of the command", lambda: not pathlib.Path("/proc", str(command)).exists())
    left = leftovers.find(places, RunDir(run_dir))
    assert left
    assert all(line.startswith("file ") for line in left), left
    end.touch()
    again = start(run_dir, tmp_path / "b", end)
    told = again.communicate(timeout=PATIENCE_SECONDS)[1]
    assert again.returncode == 0, told
    assert "took away what an earlier run had left" in told
    assert leftovers.find(places, RunDir(run_dir)) == []
