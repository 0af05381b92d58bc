# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import memlock_trial, rlimit
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import charge, memlock, owners, pam_limits
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.charge import Charge
from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock_info
from ansible_collections.ebpf.fleet.tests.unit.support.fake_systemd import FakeSystemd
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


class Host:
    """A host with two processes that hold BPF objects, and one that holds none."""

    def __init__(self, tmp_path, monkeypatch, kernel, proc):
        self.patch, self.kernel, self.proc = monkeypatch, kernel, proc
        self.charged(False)
        for pid, unit in ((30, "a.service"), (31, "session-1.scope"), (32, "b.service")):
            fields = ["S", 1, 1, 1, 0, -1, 0, *range(12), 100]
            texts = {"stat": f"{pid} (agent{pid}) {' '.join(map(str, fields))}", "comm": f"agent{pid}\n"}
            texts.update(cgroup=f"0::/system.slice/{unit}\n", status="Name:\ta\nUid:\t0\t0\t0\t0\n", cmdline="")
            for name, text in texts.items():
                proc.write(f"/proc/{pid}/{name}", text.encode())
        self.holders = owners.Owners()
        self.holders.comm = {31: b"agent31", 30: b"agent30"}
        monkeypatch.setattr(owners, "scan", lambda: self.holders)
        monkeypatch.setattr(rlimit, "memlock", lambda pid: (1000000, -1))
        monkeypatch.setattr(pam_limits, "DIRECTORY", str(tmp_path / "security"))
        (tmp_path / "security").mkdir()
        self.security = tmp_path / "security"

    def charged(self, charged):
        self.patch.setattr(charge, "read", lambda: Charge(charged, "because"))

    def systemd(self, tmp_path):
        limit = rlimit.memlock
        host = FakeSystemd(tmp_path / "systemd").install(self.patch)
        self.patch.setattr(rlimit, "memlock", limit)
        host.add_unit("a.service", pid=30).add_unit("b.service")
        host.write("a.service.d/x.conf", "[Service]\nLimitMEMLOCK=4:8\n")
        host.reload()
        return host


@pytest.fixture
def host(tmp_path, monkeypatch, kernel, proc):
    return Host(tmp_path, monkeypatch, kernel, proc)


@pytest.fixture
def run(host, capsys):
    def call(**args):
        return run_module(bpf_memlock_info.main, capsys, **args)

    return call


def who(result):
    return [record["pid"] or record["unit"] or record["user"] or record["scope"] for record in result["limits"]]


def test_who_holds_objects_is_listed(run):
    result = run()
    assert (result["charged"], result["evidence"], result["changed"]) == (False, "because", False)
    assert "probed" not in result and "unavailable" not in result
    assert result["limits"][0] == {
        "scope": "process",
        "pid": 30,
        "comm": "agent30",
        "unit": "a.service",
        "user": "root",
        "soft": 1000000,
        "hard": "unlimited",
        "file": None,
        "headroom": None,
        "unavailable": {"headroom": "this kernel charges nothing"},
    }
    assert who(result) == [30, 31]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({"pid": 32}, [32]),
        ({"pid": [32, 30, 99, 0, -1]}, [30, 32]),
        ({"process_name": "agent3[12]"}, [31, 32]),
        ({"unit_name": "*.service"}, [30, 32]),
        ({"cgroup": "/system.slice/b*", "process_name": "agent32"}, [32]),
        ({"process_name": "nobody"}, []),
        ({"scope": "process"}, [30, 31]),
    ],
)
def test_filters(run, args, found):
    assert who(run(**args)) == found


def test_an_incomplete_look_says_so(host, run):
    host.holders.denied = "EACCES on /proc/1/fd"
    assert run()["unavailable"] == {"limits": "incomplete: EACCES on /proc/1/fd"}


def test_headroom_is_told_where_the_kernel_charges(host, run):
    host.charged(True)
    host.kernel.add_program(5, uid=0, map_ids=[7], memlock=4096)
    host.kernel.add_map(7, memlock=8192)
    host.kernel.add_map(8, memlock=100)
    host.kernel.add_map(9, memlock=16384)
    host.holders.pids["map"] = {9: [31]}
    (record, _other) = run()["limits"]
    assert record["headroom"] == {"estimate": 1000000 - 28672, "charged": 28672, "unattributed": 100}
    assert "unavailable" not in record


def test_no_estimate_where_it_would_be_a_guess(host, run, monkeypatch):
    host.charged(None)
    assert run()["limits"][0]["unavailable"] == {"headroom": "not known whether this kernel charges"}
    host.charged(True)
    monkeypatch.setattr(memlock, "limits", lambda pids: [memlock.Limit(p, "a", None, None, 4, 4, {}) for p in pids])
    assert set(run()["limits"][0]["unavailable"]) == {"headroom"}


def test_objects_that_cannot_be_listed_give_no_estimate(host, run, monkeypatch):
    from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids

    def walk(kind, start=0):
        raise kernel_error("BPF_PROG_GET_NEXT_ID", errno.EPERM)

    host.charged(True)
    monkeypatch.setattr(ids, "walk", walk)
    record = run()["limits"][0]
    assert (record["headroom"], record["unavailable"]) == (None, {"headroom": "programs or maps cannot be listed"})


@pytest.mark.parametrize("charges", [True, False])
def test_a_trial_counts_for_more_than_what_is_read(host, run, monkeypatch, charges):
    monkeypatch.setattr(memlock_trial, "charges", lambda: charges)
    result = run(probe=True)
    assert (result["charged"], result["probed"]) == (charges, charges)
    assert ("refused" in result["evidence"]) is charges


def test_no_trial_in_check_mode(run, monkeypatch):
    monkeypatch.setattr(memlock_trial, "charges", lambda: 1 // 0)
    result = run(probe=True, _ansible_check_mode=True)
    assert (result["charged"], result["probed"], result["unavailable"]) == (False, None, {"probed": "check mode"})


def test_a_trial_that_is_refused_leaves_what_is_read(run, monkeypatch):
    def refuse():
        raise kernel_error("BPF_MAP_CREATE", errno.EPERM)

    monkeypatch.setattr(memlock_trial, "charges", refuse)
    result = run(probe=True)
    assert (result["charged"], result["probed"], result["unavailable"]) == (False, None, {"probed": "EPERM"})


def test_units_are_those_of_the_holders_or_those_named(host, run, tmp_path):
    systemd = host.systemd(tmp_path)
    result = run(scope="unit")
    assert who(result) == ["a.service"]
    record = {key: result["limits"][0][key] for key in ("scope", "soft", "hard", "file", "headroom")}
    path = f"{systemd.system}/a.service.d/x.conf"
    assert record == {"scope": "unit", "soft": 4, "hard": 8, "file": path, "headroom": None}
    assert who(run(unit=["b", "a.service", "nowhere"])) == ["a.service", "b.service"]
    assert systemd.mutations() == []


def test_the_manager_and_all_together(host, run, tmp_path):
    systemd = host.systemd(tmp_path)
    (host.security / "limits.conf").write_text("bob soft memlock 4\n@x hard memlock 4\nbob hard memlock 8\n")
    result = run(scope=["user", "manager", "unit", "process"], unit="b", pid=32)
    assert who(result) == [32, "b.service", "manager", "@x", "bob"]
    assert (result["limits"][2]["soft"], result["limits"][4]["hard"]) == (65536, 8192)
    assert len({tuple(key for key in record if key != "unavailable") for record in result["limits"]}) == 1
    assert systemd.mutations() == []
    assert who(run(user=["bob", "nobody"])) == ["bob"]


def test_a_host_without_systemd_or_pam_has_no_such_limits_and_says_why(host, run, tmp_path, monkeypatch):
    from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import systemd

    monkeypatch.setattr(systemd, "BOOTED", str(tmp_path / "no"))
    os.rmdir(host.security)
    result = run(scope=["unit", "manager", "user"])
    assert result["limits"] == [] and sorted(result["unavailable"]) == ["manager", "unit", "user"]
    assert "systemd does not run this host" in result["unavailable"]["unit"]
    assert "no limits by PAM" in result["unavailable"]["user"]
    assert "no limit with unit=a on this host: systemd does not run" in run(unit="a", required=True)["msg"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"process_name": "x", "pid": 1}, "mutually exclusive"),
        ({"scope": "manager", "unit": "a"}, "cannot list limits: unit goes with scope=unit, which is not asked for"),
        ({"unit": "a.timer"}, "cannot list limits: only services"),
        ({"pid": [98, 99], "required": True}, "no limit with pid=98,99 on this host"),
        ({"process_name": "nobody", "required": True}, "no limit with process_name=nobody on this host"),
    ],
)
def test_what_fails_fails_with_a_sentence(run, args, words):
    result = run(**args)
    assert result["failed"] and words in result["msg"]


def test_errors_are_translated(host, run, tmp_path, monkeypatch):
    systemd = host.systemd(tmp_path)
    systemd.fails["show"] = "Connection refused"
    assert run(unit="a")["msg"] == (
        "cannot read RLIMIT_MEMLOCK: systemctl show --no-pager --property=LoadState,ActiveState,MainPID,FragmentPath,"
        "DropInPaths,NeedDaemonReload,LimitMEMLOCK,LimitMEMLOCKSoft -- a.service failed: Connection refused"
    )

    def scan():
        raise kernel_error("list /proc", errno.EACCES)

    monkeypatch.setattr(owners, "scan", scan)
    result = run()
    assert result["msg"].startswith("cannot read RLIMIT_MEMLOCK of this host: list /proc") and result["failure"]
