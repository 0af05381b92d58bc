# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import settings
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import charge, memlock, sysctl


@pytest.fixture
def asked(monkeypatch):
    pids = []

    def limits(wanted):
        pids.extend(wanted)
        return [memlock.Limit(pid, "agent", None, "root", 65536, memlock.UNLIMITED, {}) for pid in wanted]

    monkeypatch.setattr(memlock, "limits", limits)
    monkeypatch.setattr(charge, "read", lambda: charge.Charge(False, "told by a test"))
    return pids


def test_sysctls_of_this_host_are_listed_by_name():
    records = settings.read_sysctls()
    assert [record["name"] for record in records] == sorted(sysctl.NAMES)


def test_the_limits_of_those_that_hold_objects(asked):
    record = settings.read_memlock([7, 9])
    assert asked == [7, 9]
    assert record["charged"] is False
    assert [(limit["pid"], limit["soft"], limit["hard"]) for limit in record["limits"]] == [
        (7, 65536, "unlimited"),
        (9, 65536, "unlimited"),
    ]


def test_without_processes_the_limits_are_unknown_and_not_empty(asked):
    record = settings.read_memlock(None)
    assert (record["charged"], record["limits"]) == (False, None)
    assert record["unavailable"] == {"limits": "the processes of this host cannot be listed"}
    assert settings.read_memlock([])["limits"] == []
