# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import config_file
from ansible_collections.ebpf.fleet.plugins.modules import bpf_memlock
from ansible_collections.ebpf.fleet.tests.unit.support.fake_systemd import FakeSystemd
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

OURS = "a.service.d/50-ebpf-fleet.conf"


@pytest.fixture
def host(tmp_path, monkeypatch):
    return FakeSystemd(tmp_path).install(monkeypatch).add_unit("a.service", pid=7)


@pytest.fixture
def run(host, capsys):
    def call(check=False, **args):
        if args.get("scope") != "manager":
            args = {"scope": "unit", "unit": "a", **args}
        host.calls.clear()
        return run_module(bpf_memlock.main, capsys, _ansible_check_mode=check, _ansible_diff=True, **args)

    return call


def limit(host, name, text):
    path = host.write(name, f"[Service]\nLimitMEMLOCK={text}\n")
    host.reload()
    return path


def record(host, soft, hard, file=OURS):
    empty = {"pid": None, "comm": None, "user": None}
    path = file and f"{host.system}/{file}"
    return {"scope": "unit", "unit": "a.service", "soft": soft, "hard": hard, "file": path, **empty}


def test_a_unit_gets_a_drop_in_that_systemd_reads(host, run):
    checked = run(check=True, soft="4K", hard="unlimited")
    assert host.mutations() == [] and not os.path.exists(f"{host.system}/{OURS}")
    done = run(soft="4K", hard="unlimited")
    assert host.mutations() == ["daemon-reload"]
    assert host.read(OURS).endswith("[Service]\nLimitMEMLOCK=4096:infinity\n")
    assert done["limits"] == checked["limits"] == [record(host, 4096, "unlimited")]
    assert done["changed"] is checked["changed"] is done["restart_required"] is checked["restart_required"] is True
    assert done["diff"] == checked["diff"]
    assert done["diff"]["after"] == {
        "file": f"{host.system}/{OURS}",
        "LimitMEMLOCK": "4096:infinity",
        "needs_reload": False,
    }
    again = run(soft="4K", hard="unlimited")
    assert (again["changed"], again["restart_required"], host.mutations()) == (False, True, [])
    assert again["overridden_by"] is None


def test_a_restart_is_done_once_and_only_where_it_helps(host, run):
    assert run(soft="4", hard="4", restart=True)["restart_required"] is False
    assert host.mutations() == ["daemon-reload", "try-restart a.service"]
    assert host.running == {8: ("4", "4")}
    again = run(soft="4", hard="4", restart=True)
    assert (again["changed"], again["restart_required"], host.mutations()) == (False, False, [])
    # the service changes its limit itself
    host.running[8] = ("9", "9")
    assert run(soft="4", hard="4", restart=True)["changed"] is False


def test_a_restart_that_is_due_from_before_is_a_change(host, run):
    run(soft="4", hard="4")
    checked = run(check=True, soft="4", hard="4", restart=True)
    assert (checked["changed"], checked["restart_required"], host.mutations()) == (True, False, [])
    done = run(soft="4", hard="4", restart=True)
    assert done["diff"]["before"]["restart_required"] is True and host.mutations() == ["try-restart a.service"]


def test_what_does_not_run_is_not_restarted(host, run):
    host.units["a.service"]["pid"] = 0
    result = run(soft="4", hard="4", restart=True)
    assert (result["restart_required"], host.mutations()) == (False, ["daemon-reload"])


def test_a_file_that_was_written_and_not_read_is_read(host, run):
    host.write(OURS, "[Service]\nLimitMEMLOCK=4\n")
    result = run(soft="4", hard="4")
    assert result["changed"] is True and host.mutations() == ["daemon-reload"]
    assert result["diff"]["before"]["needs_reload"] is True


def test_another_file_that_wins_is_named(host, run):
    theirs = limit(host, "a.service.d/60-x.conf", "9")
    for check in (True, False, False):
        result = run(check=check, soft="4", hard="4")
        assert result["overridden_by"] == theirs
        assert f"{theirs} sets LimitMEMLOCK after" in str(result["warnings"])
        assert result["limits"] == [record(host, 9, 9, "a.service.d/60-x.conf")]
    assert result["changed"] is False


def test_a_file_of_the_users_choice(host, run):
    limit(host, "a.service.d/60-x.conf", "9")
    file = f"{host.system}/a.service.d/70-y.conf"
    assert run(soft="4", hard="4", file=file)["limits"][0]["file"] == file


def test_a_file_that_systemd_does_not_read_is_told(host, run, monkeypatch):
    told = host._told_of_unit
    monkeypatch.setattr(host, "_told_of_unit", lambda name: dict(told(name), DropInPaths=""))
    result = run(soft="64K", hard="64K")
    assert "systemd does not read" in str(result["warnings"])


def test_a_setting_is_taken_away_again(host, run):
    run(soft="4", hard="4", restart=True)
    checked = run(check=True, state="absent")
    done = run(state="absent")
    assert done["limits"] == checked["limits"] == [record(host, 65536, 65536, None)]
    assert (done["changed"], done["restart_required"], checked["restart_required"]) == (True, False, True)
    assert not os.path.exists(f"{host.system}/{OURS}") and host.mutations() == ["daemon-reload"]
    again = run(state="absent")
    assert (again["changed"], host.mutations()) == (False, [])


def test_nothing_to_take_away_is_fine_for_a_unit_that_is_not_there(host, run):
    result = run(unit="b", state="absent")
    assert (result["changed"], result["limits"][0]["unit"]) == (False, "b.service")


def test_a_template_serves_all_its_instances(host, run):
    host.write("t@.service", "")
    host.add_unit("t@1.service", pid=20).add_unit("t@2.service", pid=30)
    result = run(unit="t@.service", soft="4", hard="8", restart=True)
    assert host.mutations() == ["daemon-reload", "try-restart t@1.service t@2.service"]
    assert (result["limits"][0]["soft"], result["limits"][0]["hard"]) == (4, 8)
    assert run(unit="t@.service", soft="4", hard="8", restart=True)["changed"] is False
    removed = run(unit="t@.service", state="absent")
    assert removed["limits"][0]["soft"] is None and removed["limits"][0]["unavailable"]


def test_the_manager_has_a_default(host, run):
    path = f"{host.manager}/system.conf.d/50-ebpf-fleet.conf"
    done = run(scope="manager", soft="4", hard="8")
    assert host.mutations() == ["daemon-reload"]
    assert done["limits"][0] == dict(record(host, 4, 8), scope="manager", unit=None, file=path)
    assert done["restart_required"] is True
    again = run(scope="manager", soft="4", hard="8")
    assert (again["changed"], again["restart_required"], host.mutations()) == (False, False, [])
    checked = run(check=True, scope="manager", state="absent")
    assert checked["limits"][0]["soft"] is None
    gone = run(scope="manager", state="absent")
    assert (gone["limits"][0]["soft"], os.path.exists(path)) == (65536, False)


def test_a_manager_that_keeps_its_settings_over_a_reload_starts_anew(host, run):
    host.old = True
    run(scope="manager", soft="4", hard="8")
    assert host.mutations() == ["daemon-reload", "daemon-reexec"]
    assert run(scope="manager", state="absent")["limits"][0]["soft"] == 65536


@pytest.mark.parametrize("scope", ["unit", "manager"])
def test_a_file_that_is_masked_is_not_written(host, run, scope, monkeypatch):
    # were it tried after all, the device would be gone for all of this host
    monkeypatch.setattr(config_file, "replace", lambda *_args: pytest.fail("tried to write"))
    file = f"{host.system}/{OURS}" if scope == "unit" else f"{host.manager}/system.conf.d/50-ebpf-fleet.conf"
    os.makedirs(os.path.dirname(file))
    os.symlink("/dev/null", file)
    for check in (True, False):
        result = run(check=check, scope=scope, soft="4", hard="4")
        assert f"cannot write {file}: it is masked or not a file (it stands for /dev/null)" in result["msg"]
        assert host.mutations() == []
    # there is nothing of ours in it
    assert run(scope=scope, state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"unit": "b", "soft": "4", "hard": "4"}, "of unit b: systemd knows no such unit"),
        ({"unit": "a.timer", "soft": "4"}, "of unit a.timer: only services"),
        ({"soft": "1M"}, "of unit a: soft 1048576 is above the hard limit, which is 65536: give hard as well"),
        ({"soft": "4", "file": "/etc/x.conf"}, "is no drop-in of it"),
    ],
)
def test_what_is_refused_is_refused_before_anything_is_written(host, run, args, words):
    for check in (True, False):
        result = run(check=check, **args)
        assert result["failed"] and words in result["msg"]
        assert host.mutations() == []


def test_what_systemctl_says_is_told(host, run):
    host.fails["daemon-reload"] = "Access denied"
    result = run(soft="4", hard="4")
    assert result["msg"] == "cannot set RLIMIT_MEMLOCK of unit a: systemctl daemon-reload failed: Access denied"
    assert result["failure"] == {"call": "systemctl daemon-reload", "errno": None, "name": None, "hint": ""}
