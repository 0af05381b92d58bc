# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import denial, rlimit
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Vanished, kernel_error
from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

ALL = (1 << 41) - 1
NO_RESOURCE = ALL & ~(1 << 24)


class Limits:
    """The kernel's side: pid -> (soft, hard); ``calls`` are the writes, ``before`` runs before each."""

    def __init__(self, proc):
        self.proc, self.of, self.calls, self.before = proc, {}, [], lambda pid: None

    def add(self, pid, soft, hard, comm="agent", start=100, unit="a"):
        self.of[pid] = (soft, hard)
        self.stat(pid, comm, start)
        for name, text in {
            "comm": comm + "\n",
            "cgroup": f"0::/system.slice/{unit}.service\n",
            "cmdline": "",
            "status": "Name:\ta\nUid:\t0\t0\t0\t0\n",
        }.items():
            self.proc.write(f"/proc/{pid}/{name}", text.encode())

    def stat(self, pid, comm="agent", start=100):
        fields = ["S", 1, 1, 1, 0, -1, 0, *range(12), start]
        self.proc.write(f"/proc/{pid}/stat", f"{pid} ({comm}) {' '.join(map(str, fields))}".encode())

    def end(self, pid):
        self.of.pop(pid)
        for name in ("stat", "comm", "cgroup", "status"):
            self.proc.errors[f"/proc/{pid}/{name}"] = errno.ENOENT

    def get(self, pid):
        if pid not in self.of:
            raise Vanished(f"prlimit of process {pid}", errno.ESRCH)
        if isinstance(self.of[pid], int):
            raise kernel_error(f"read limits of process {pid}", self.of[pid])
        return self.of[pid]

    def set(self, pid, soft, hard):
        self.calls.append((pid, soft, hard))
        self.get(pid)
        self.before(pid)
        self.get(pid)
        self.of[pid] = (soft, hard)


@pytest.fixture
def limits(proc, monkeypatch):
    limits = Limits(proc)
    monkeypatch.setattr(rlimit, "memlock", limits.get)
    monkeypatch.setattr(rlimit, "set_memlock", limits.set)
    monkeypatch.setattr(denial, "read_context", lambda: denial.Context(ALL, True, 0, 0, None, None, -1))
    monkeypatch.setattr("os.getpid", lambda: 20)
    monkeypatch.setattr("os.getsid", lambda _pid: 1)
    limits.add(20, 0, 0, comm="task")
    limits.add(30, 4, 8)
    limits.add(31, 4, -1, comm="collector-agent", unit="b")
    limits.proc.write("/proc/31/cmdline", b"/opt/collector-agent-long\0")
    return limits


@pytest.fixture
def run(limits, capsys):
    def call(check=False, **args):
        return run_module(
            bpf_memlock.main, capsys, scope="process", _ansible_check_mode=check, _ansible_diff=True, **args
        )

    return call


def pairs(result):
    return {record["pid"]: (record["soft"], record["hard"]) for record in result["limits"]}


def test_one_process_gets_a_limit(limits, run):
    checked = run(check=True, pid=30, soft="2", hard="unlimited")
    assert limits.calls == []
    done = run(pid=30, soft="2", hard="unlimited")
    assert limits.calls == [(30, 2, -1)]
    assert done["limits"] == checked["limits"]
    assert done["limits"][0] == {
        "scope": "process",
        "pid": 30,
        "comm": "agent",
        "unit": "a.service",
        "user": "root",
        "soft": 2,
        "hard": "unlimited",
        "file": None,
    }
    assert done["diff"] == checked["diff"]
    assert done["diff"]["before"] == {"30 (agent)": {"soft": 4, "hard": 8}}
    assert done["changed"] and checked["changed"] and done["restart_required"] is False
    assert run(pid=30, soft="2", hard="unlimited")["changed"] is False and len(limits.calls) == 1


@pytest.mark.parametrize(
    ("patterns", "pids"),
    [
        ({"process_name": "agent"}, [30]),
        ({"process_name": "*agent*"}, [30, 31]),
        ({"process_name": "collector-agent-long"}, [31]),
        ({"process_name": "Agent"}, []),
        ({"process_name": "task"}, []),
        ({"cgroup": "/system.slice/*"}, [30, 31]),
        ({"cgroup": "/system.slice/b.service"}, [31]),
        ({"unit_name": "[ab].service"}, [30, 31]),
        ({"unit_name": "*.service", "process_name": "c*"}, [31]),
        ({"unit_name": "a.service", "process_name": "c*"}, []),
    ],
)
def test_patterns_choose_processes_and_never_the_task_itself(limits, run, patterns, pids):
    result = run(soft="1", **patterns)
    assert list(pairs(result)) == pids
    assert [call[0] for call in limits.calls] == pids
    assert run(check=True, soft="1", **patterns)["changed"] is False


def test_at_least_changes_only_who_has_less(limits, run):
    result = run(process_name="*agent*", soft="6", hard="8", policy="at_least")
    assert pairs(result) == {30: (6, 8), 31: (6, "unlimited")}
    limits.calls.clear()
    assert run(process_name="*agent*", soft="2", hard="2", policy="at_least")["changed"] is False
    assert limits.calls == []


def test_no_process_is_fine_unless_it_is_required(run):
    result = run(process_name="nobody", soft="1")
    assert (result["changed"], result["limits"]) == (False, [])
    result = run(process_name="nobody", soft="1", required=True)
    assert result["msg"].startswith("cannot set RLIMIT_MEMLOCK of processes with process_name=nobody: there is no such")


@pytest.mark.parametrize("pid", [0, -1, 99])
def test_a_pid_that_is_not_there_is_an_error(run, pid):
    assert run(pid=pid, soft="1")["msg"] == (
        f"cannot set RLIMIT_MEMLOCK of process {pid}: there is no such process: it has ended, or its pid is another one"
    )


def test_who_ends_meanwhile_is_left_out(limits, run):
    limits.before = lambda pid: limits.end(pid) if pid == 30 else None
    result = run(process_name="*agent*", soft="1")
    assert pairs(result) == {31: (1, "unlimited")} and result["changed"] is True


def test_who_was_named_and_ends_is_an_error(limits, run):
    limits.before = limits.end
    result = run(pid=30, soft="1")
    assert "prlimit of process 30: No such process (ESRCH)" in result["msg"]
    assert result["failure"]["name"] == "ESRCH"


def test_a_later_process_with_the_same_pid_is_left_alone(limits, run):
    def reuse(pid):
        # ended, and its pid given to another one, while the first was set
        limits.stat(31, comm="victim", start=999)

    limits.before = reuse
    result = run(process_name="*agent*", soft="1")
    assert limits.calls == [(30, 1, 8)] and pairs(result) == {30: (1, 8)}


def test_a_limit_that_does_not_stay_is_an_error(limits, run, monkeypatch):
    monkeypatch.setattr(rlimit, "set_memlock", lambda *_args: None)
    result = run(pid=30, soft="1")
    assert result["msg"].startswith("RLIMIT_MEMLOCK of process 30 was written and did not stay: 30 (agent) is")


@pytest.mark.parametrize("check", [True, False])
def test_raising_the_hard_limit_without_the_right_is_refused_before_anything_is_set(limits, run, monkeypatch, check):
    context = denial.Context(NO_RESOURCE, True, 0, 0, None, None, -1)
    monkeypatch.setattr(denial, "read_context", lambda: context)
    limits.add(29, 9, 16)
    result = run(check=check, process_name="agent", soft="4", hard="16")
    assert result["failed"] and "lacks CAP_SYS_RESOURCE" in result["msg"] and limits.calls == []
    assert result["failure"]["name"] == "EPERM" and "process 30 (agent)" in result["failure"]["call"]
    # lowering needs no right
    assert run(process_name="agent", soft="4", hard="4")["changed"] is True


def test_rights_that_procfs_does_not_tell_are_left_to_the_kernel(limits, run, monkeypatch):
    monkeypatch.setattr(denial, "read_context", lambda: denial.Context(None, True, 0, 0, None, None, -1))
    assert run(pid=30, hard="16")["changed"] is True


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"pid": 30, "soft": "16"}, "process 30: soft 16 is above the hard limit, which is 8: give hard as well"),
        ({"process_name": "ag*", "soft": "16"}, "process 30 (agent): soft 16 is above"),
        ({"pid": 31, "hard": "2"}, "hard 2 is below the soft limit, which is 4: give soft as well"),
    ],
)
def test_what_the_kernel_would_refuse_is_refused_before(limits, run, args, words):
    assert words in run(**args)["msg"] and limits.calls == []


def test_a_limit_that_cannot_be_read_cannot_be_planned(limits, run):
    limits.of[30] = errno.EACCES
    result = run(pid=30, soft="1")
    assert result["failure"]["name"] == "EACCES" and limits.calls == []
