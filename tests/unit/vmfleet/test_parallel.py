# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import commands, parallel
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError


@pytest.fixture(autouse=True)
def going_on(monkeypatch):
    monkeypatch.setattr(commands._State, "stopping", False)


def test_results_come_in_the_order_of_the_items():
    assert parallel.each(lambda number: time.sleep((3 - number) / 100) or number, range(3), 3) == [0, 1, 2]


def test_no_items():
    assert parallel.each(len, [], 1) == []


def test_the_first_failure_ends_the_others():
    def job(word):
        if word == "fail":
            raise FleetError("first")
        return commands.output("sleep", "60")

    start = time.monotonic()
    with pytest.raises(FleetError, match="first"):
        parallel.each(job, ["sleep", "fail", "never"], 2)
    assert time.monotonic() - start < 30
    with pytest.raises(FleetError, match="given up"):
        commands.output("true")
