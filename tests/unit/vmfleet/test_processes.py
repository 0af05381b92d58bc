# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import processes
from ansible_collections.ebpf.fleet.tests.vmfleet.processes import Process


@pytest.fixture
def spawn():
    """Start shells that are ended after the test."""
    children = []

    def start(script):
        child = subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_process_lives_until_it_ends(spawn):
    child = spawn("exec sleep 60")
    process = Process.of(child.pid)
    assert process.alive()
    child.kill()
    child.wait()
    assert not process.alive()
    assert Process.of(child.pid) is None


def test_one_that_nobody_has_waited_for_has_ended(spawn):
    child = spawn("exec true")
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Process.of(child.pid) is None


@pytest.mark.parametrize("change", [{"start": 1}, {"boot": "another"}])
def test_another_process_with_the_pid_is_left_alone(spawn, change):
    child = spawn("exec sleep 60")
    other = dataclasses.replace(Process.of(child.pid), **change)
    assert not other.alive()
    other.send(signal.SIGKILL)
    assert processes.end([other]) == []
    assert child.poll() is None


def test_processes_are_asked_to_end(spawn):
    child = spawn("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")
    child.stdout.readline()
    assert processes.end([Process.of(child.pid)]) == []
    assert child.wait() == 7


def test_and_made_to_after_a_while(spawn):
    child = spawn("trap '' TERM; echo ready; while :; do sleep 0.05; done")
    child.stdout.readline()
    assert processes.end([Process.of(child.pid)], 0.2) == []
    assert child.wait() == -signal.SIGKILL


def test_descendants_are_children_and_theirs(spawn):
    child = spawn("sh -c 'sleep 60 & echo $!; wait' & wait")
    grandchild = int(child.stdout.readline())
    found = [process.pid for process in processes.descendants(child.pid)]
    assert len(found) == 2
    assert grandchild in found
    processes.end(processes.descendants(child.pid))


def test_resident_memory():
    assert processes.resident(os.getpid()) > 1 << 20
    assert processes.resident(os.getpid(), "VmHWM") >= processes.resident(os.getpid()) // 2
    assert processes.resident(1 << 30) == 0
