# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl import NOT_A_NUMBER, UNPRIVILEGED, Setting
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl_files import Line, Merged
from ansible_collections.ebpf.fleet.plugins.module_utils._view import sysctl as view

KEYS = {
    "name",
    "running",
    "effective",
    "persistent",
    "persistent_systemd",
    "persistent_procps",
    "sources",
    "conflicts",
    "reboot_required",
}
NOTHING = Merged(None, None, 0, 0, [])


def line(file, value, number=1):
    return Line(file, number, "k", "k", value)


def setting(name="k", running=1, effective=1, **unavailable):
    return Setting(name, running, effective, unavailable)


def test_a_setting_that_no_file_sets():
    assert view.record(setting(), NOTHING, True) == {
        "name": "k",
        "running": 1,
        "effective": 1,
        "persistent": None,
        "persistent_systemd": None,
        "persistent_procps": None,
        "sources": [],
        "conflicts": [],
        "reboot_required": False,
    }


@pytest.mark.parametrize(("systemd", "persistent", "conflicts"), [(True, 1, ["b"]), (False, 2, ["a"])])
def test_the_tool_of_this_boot_decides(systemd, persistent, conflicts):
    one, two = line("a", "1"), line("b", "2")
    record = view.record(setting(), Merged(one, two, 0, 0, [one, two]), systemd)
    assert (record["persistent"], record["persistent_systemd"], record["persistent_procps"]) == (persistent, 1, 2)
    assert record["conflicts"] == conflicts
    assert record["sources"] == [
        {"file": "a", "line": 1, "value": 1, "active_systemd": True, "active_procps": False},
        {"file": "b", "line": 1, "value": 2, "active_systemd": False, "active_procps": True},
    ]


def test_the_same_value_in_other_words_is_no_conflict():
    lines = [
        line("a", "1"),
        line("a", "0x1", 2),
        line("b", "01 # hex"),
        line("c", "1"),
        line("d", "2"),
        line("d", "3", 2),
    ]
    record = view.record(setting(), Merged(lines[3], lines[3], 0, 0, lines), True)
    assert record["conflicts"] == ["d"]


def test_only_one_of_two_equal_lines_is_active():
    lines = [line("a", "1"), line("a", "1", 2)]
    record = view.record(setting(), Merged(lines[1], lines[1], 0, 0, lines), True)
    assert [source["active_systemd"] for source in record["sources"]] == [False, True]


def test_a_glob_is_in_conflict_only_with_a_glob():
    named, glob, other = line("a", "1"), line("b", "2")._replace(key="k*"), line("c", "3")._replace(key="?")
    record = view.record(setting(), Merged(named, named, 0, 0, [named, glob, other]), True)
    assert record["conflicts"] == []
    record = view.record(setting(), Merged(glob, glob, 0, 0, [glob, other]), True)
    assert record["conflicts"] == ["c"]


@pytest.mark.parametrize(
    ("name", "running", "locked"),
    [(UNPRIVILEGED, 1, True), (UNPRIVILEGED, 2, False), (UNPRIVILEGED, None, None), ("k", 1, False)],
)
def test_only_the_latch_is_locked(name, running, locked):
    assert view.is_locked(name, running) is locked


def test_lines_that_no_tool_applies_are_in_conflict():
    only = line("/etc/sysctl.conf", "1")
    record = view.record(setting(), Merged(None, only, 0, 0, [only]), True)
    assert (record["persistent"], record["conflicts"]) == (None, ["/etc/sysctl.conf"])


def test_a_value_that_is_no_number_is_unknown_and_its_text_stays():
    bad = line("a", "on")
    record = view.record(setting(), Merged(bad, bad, 0, 0, [bad]), True)
    assert record["persistent"] is None
    assert record["unavailable"]["persistent"] == NOT_A_NUMBER
    assert record["sources"][0]["value"] == "on"


def test_a_file_that_cannot_be_read_makes_the_value_unknown():
    sure = line("a", "1")
    record = view.record(setting(), Merged(sure, sure, errno.EACCES, 0, [sure]), True)
    assert (record["persistent"], record["persistent_procps"], record["reboot_required"]) == (None, 1, None)
    assert record["unavailable"] == dict.fromkeys(("persistent", "persistent_systemd", "reboot_required"), "EACCES")


def test_an_unknown_running_value_keeps_its_reason():
    record = view.record(setting(running=None, effective=None, running_reason="x"), NOTHING, True)
    assert record["unavailable"] == {"running_reason": "x"}
    record = view.record(Setting("k", None, None, {"running": "EACCES", "effective": "EACCES"}), NOTHING, True)
    assert record["unavailable"] == {"running": "EACCES", "effective": "EACCES", "reboot_required": "EACCES"}
    assert record["reboot_required"] is None
    assert set(record) == KEYS | {"unavailable"}


def test_the_reasons_of_a_setting_are_not_written_into_the_object():
    one = Setting("k", None, None, {"running": "EACCES"})
    view.record(one, NOTHING, True)
    assert one.unavailable == {"running": "EACCES"}


@pytest.mark.parametrize(
    ("name", "running", "persistent", "needed"),
    [
        (UNPRIVILEGED, 1, 0, True),
        (UNPRIVILEGED, 1, 2, True),
        (UNPRIVILEGED, 1, 1, False),
        (UNPRIVILEGED, 1, None, False),
        (UNPRIVILEGED, 2, 0, False),
        (UNPRIVILEGED, 2, 1, False),
        (UNPRIVILEGED, 0, 1, False),
        ("net.core.bpf_jit_harden", 1, 2, False),
    ],
)
def test_only_the_latch_needs_a_reboot(name, running, persistent, needed):
    assert view.needs_reboot(name, running, persistent) is needed


def test_records_are_sorted_by_name():
    settings = [setting("b"), setting("a")]
    records = view.records(settings, {"a": NOTHING, "b": NOTHING}, True)
    assert [record["name"] for record in records] == ["a", "b"]
    assert all(set(record) == KEYS for record in records)
