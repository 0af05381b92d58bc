# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import leftovers
from ansible_collections.ebpf.fleet.tests.vmfleet.rundir import RunDir


@pytest.fixture
def cache(tmp_path):
    (tmp_path / "cache/images").mkdir(parents=True)
    return tmp_path / "cache"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run").mkdir()
    return RunDir(tmp_path / "run")


def test_nothing(cache, run):
    (run.path / "one").mkdir()
    (run.path / "one/console.log").write_text("kept")
    assert leftovers.find(cache, run) == []


@pytest.mark.parametrize("by", ["argument", "folder"])
def test_a_process(cache, run, by):
    command = ["sh", "-c", "sleep 60; :", f"if=none,file={run.path}/disk" if by == "argument" else "x"]
    child = subprocess.Popen(command, cwd=cache / "images" if by == "folder" else "/", start_new_session=True)
    try:
        while not pathlib.Path("/proc", str(child.pid), "cmdline").read_bytes():  # exec is under way
            pass
        assert any(line.startswith(f"process {child.pid}: sh") for line in leftovers.find(cache, run))
    finally:
        os.killpg(child.pid, 9)
        child.wait()


def test_a_process_of_a_tool_that_runs_is_none(cache, run, tmp_path):
    tool = tmp_path / "tests/vmfleet"
    tool.parent.mkdir()
    tool.write_text(f"cd {cache}; sleep 60 & echo $!; wait")
    with subprocess.Popen(["sh", tool], stdout=subprocess.PIPE, text=True, start_new_session=True) as parent:
        child = parent.stdout.readline().strip()
        try:
            assert leftovers.find(cache, run) == []
            parent.kill()
            parent.wait()
            assert any(line.startswith(f"process {child}:") for line in leftovers.find(cache, run))
        finally:
            os.kill(int(child), 9)


def test_a_folder_with_a_longer_name_is_another(tmp_path):
    assert leftovers.below(f"cat {tmp_path}/x", [tmp_path])
    assert leftovers.below(f"cat {tmp_path}", [tmp_path])
    assert not leftovers.below(f"cat {tmp_path}er/x", [tmp_path])


def test_a_mount(cache, tmp_path):
    info = tmp_path / "mountinfo"
    info.write_text(f"22 1 0:2 / {cache}/images/x rw - ext4 a rw\n23 1 0:2 / /elsewhere rw - ext4 a rw\n")
    assert leftovers.mounts([cache], info) == [f"mount {cache}/images/x"]


@pytest.mark.parametrize(
    "name", ["cache/images/a.part/root", "cache/images/a/saved-1.part/x", "run/one/disk.qcow2", "run/ssh_config"]
)
def test_a_file(cache, run, tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x")
    (found,) = leftovers.find(cache, run)
    assert (tmp_path / name).is_relative_to(found.removeprefix("file "))
