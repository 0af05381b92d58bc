# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import memlock, memlock_process
from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.setattr(memlock, "_change", lambda _module, wanted: {"wanted": list(wanted)})

    def call(**args):
        return run_module(bpf_memlock.main, capsys, **args)

    return call


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        ({"scope": "process", "pid": 1, "soft": "4K"}, [[4096, None], False, True, None, False]),
        ({"scope": "process", "pid": 1, "soft": 4096}, [[4096, None], False, True, None, False]),
        (
            {"scope": "unit", "unit": "a", "hard": "unlimited", "policy": "at_least", "restart": True},
            [[None, -1], True, True, None, True],
        ),
        ({"scope": "manager", "soft": 1, "hard": 2, "file": "/x"}, [[1, 2], False, True, "/x", False]),
        ({"scope": "user", "user": "*", "state": "absent"}, [[None, None], False, False, None, False]),
    ],
)
def test_what_is_asked_for(run, args, wanted):
    assert run(**args)["wanted"] == wanted


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"scope": "process", "soft": 1}, "any of the following are missing: pid, process_name, cgroup, unit_name"),
        ({"scope": "unit", "soft": 1}, "missing: unit"),
        ({"scope": "user", "soft": 1}, "missing: user"),
        ({"scope": "manager"}, "any of the following are missing: soft, hard"),
        ({"scope": "process", "pid": 1, "cgroup": "/a", "soft": 1}, "mutually exclusive: pid|cgroup"),
        (
            {"scope": "process", "pid": 1, "state": "absent"},
            "cannot remove RLIMIT_MEMLOCK of process 1: a process always has a limit, so state=absent says nothing",
        ),
        (
            {"scope": "manager", "state": "absent", "soft": 1},
            "cannot remove RLIMIT_MEMLOCK of the systemd manager: state=absent takes our setting away and sets none",
        ),
        ({"scope": "manager", "soft": 1, "restart": True}, "restart goes with scope=unit: leave it out"),
        (
            {"scope": "process", "pid": 1, "soft": 1, "file": "/x"},
            "file goes with scope=unit or scope=manager or scope=user",
        ),
        ({"scope": "unit", "unit": "a", "soft": 1, "pid": 7}, "pid goes with scope=process: leave it out"),
        ({"scope": "user", "user": "a", "soft": "8KB"}, "cannot set RLIMIT_MEMLOCK of user a: '8KB' is no limit"),
        ({"scope": "unit", "unit": "a", "soft": 2, "hard": 1}, "of unit a: soft 2 is above hard 1"),
        ({"scope": "process", "pid": 1, "soft": "unlimited", "hard": 1}, "soft unlimited is above hard 1"),
    ],
)
def test_what_does_not_go_together(run, args, words):
    result = run(**args)
    assert result["failed"] and words in result["msg"]


def test_a_kernel_error_is_translated(capsys, monkeypatch):
    def change(module, wanted):
        raise kernel_error("prlimit of process 7", 38)

    monkeypatch.setattr(memlock_process, "change", change)
    result = run_module(bpf_memlock.main, capsys, scope="process", process_name="x", cgroup="/y", soft=1)
    start = "cannot set RLIMIT_MEMLOCK of processes with process_name=x, cgroup=/y: prlimit of process 7: "
    assert result["msg"].startswith(start)
    assert result["failure"]["name"] == "ENOSYS"
