# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import process

UNIT = b"0::/system.slice/a.service\n"


def stat(pid, comm="agent", state="S", ppid=1, session=1, flags=0x400000, start=100):
    fields = [state, ppid, 1, session, 0, -1, flags, *range(12), start, 5, 6]
    return f"{pid} ({comm}) {' '.join(map(str, fields))}\n".encode()


@pytest.fixture
def add(proc, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 1000)
    monkeypatch.setattr(os, "getsid", lambda _pid: 900)

    def add(pid, cgroup=UNIT, cmdline=b"", **fields):
        proc.write(f"/proc/{pid}/stat", stat(pid, **fields))
        proc.write(f"/proc/{pid}/cgroup", cgroup)
        proc.write(f"/proc/{pid}/cmdline", cmdline)

    add(1, comm="init", cgroup=b"0::/init.scope\n")
    add(1000, comm="python3", ppid=900, session=900)
    add(900, comm="sh", ppid=800, session=900)
    add(800, comm="sshd", ppid=1, session=800)
    return add


def pids(matches=lambda one: True):
    return [one.pid for one in process.find(matches)]


@pytest.mark.parametrize("comm", ["a", "a b", "a) S 1 (b", ") ("])
def test_a_name_may_be_anything(comm):
    found = process.parse_stat(stat(7, comm=comm, state="Z", ppid=3, session=4, flags=8, start=12345))
    assert found == process.Stat(comm, "Z", 3, 4, 8, 12345)


def test_real_processes_are_told_apart_by_their_start():
    with open("/proc/self/stat", "rb") as handle:
        own = process.parse_stat(handle.read())
    assert process.start_time(os.getpid()) == own.start
    assert own.ppid == os.getppid() and own.session == os.getsid(0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert process.get(child.pid).start >= own.start
        child.stdin.close()
    assert process.start_time(child.pid) is None and process.get(child.pid) is None


def test_all_but_the_kernel_the_dead_and_the_task_itself(add):
    add(2, comm="kthreadd", flags=0x208040)
    add(30, state="Z")
    add(31, state="X")
    add(32)
    assert pids() == [1, 32, 800]


def test_a_process_is_known_by_name_cgroup_and_unit(add):
    add(30, start=77)
    assert process.get(30) == process.Process(30, 77, "agent", "/system.slice/a.service", "a.service")
    assert pids(lambda one: one.unit == "a.service") == [30, 800]


@pytest.mark.parametrize(
    ("comm", "cmdline", "name"),
    [
        ("agent", b"/usr/bin/other\0", "agent"),
        ("collector-agent", b"/opt/collector-agent-of-many-words\0-v\0", "collector-agent-of-many-words"),
        ("collector-agent", b"collector-agent: worker\0", "collector-agent: worker"),
        ("collector-agent", b"python3\0/opt/x\0", "collector-agent"),
        ("collector-agent", b"", "collector-agent"),
    ],
)
def test_names_that_the_kernel_cut_are_told_in_full(add, comm, cmdline, name):
    add(30, comm=comm, cmdline=cmdline)
    assert process.get(30).name == name


def test_a_full_name_that_is_kept_from_us_is_the_short_one(add, proc):
    add(30, comm="collector-agent")
    proc.errors["/proc/30/cmdline"] = errno.EACCES
    assert process.get(30).name == "collector-agent"


@pytest.mark.parametrize("file", ["stat", "cgroup", "cmdline"])
@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
def test_who_ends_meanwhile_is_left_out(add, proc, file, number):
    add(30, comm="collector-agent")
    add(31)
    proc.errors[f"/proc/30/{file}"] = number
    assert 31 in pids() and 30 not in pids()
    assert process.get(30) is None


def test_other_errors_are_told(add, proc):
    add(30)
    proc.errors["/proc/30/stat"] = errno.EACCES
    for look in (pids, lambda: process.get(30), lambda: process.start_time(30)):
        with pytest.raises(Denied):
            look()


def test_the_line_of_the_task_may_end_anywhere(add, proc):
    proc.errors["/proc/900/stat"] = errno.ESRCH
    assert 1000 not in pids()
    proc.errors["/proc/900/stat"] = errno.EACCES
    with pytest.raises(Denied):
        pids()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (UNIT, "/system.slice/a.service"),
        (b"3:cpu:/x\n1:name=systemd:/b:c\n0::/y\n", "/b:c"),
        (b"3:cpu:/x\n0::/y\xff\n", "/y\\xff"),
        (b"3:cpu:/x\n", None),
        (b"", None),
    ],
)
def test_the_cgroup_is_that_of_systemd(text, path):
    assert process.parse_cgroup(text) == path
