# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._report import threshold

SEVERITIES = ("info", "low", "medium", "high", "critical")


def model(*severities: str, lost: int = 0) -> dict:
    return {
        "findings": [{"severity": severity, "host": "web1"} for severity in severities],
        "not_audited": [{"host": f"db{number}"} for number in range(lost)],
        "summary": {"hosts": {"expected": 9}},
        "not_evaluated": [],
    }


@pytest.mark.parametrize("found", SEVERITIES)
@pytest.mark.parametrize("fail_on", ["never", *SEVERITIES])
def test_the_whole_matrix(found: str, fail_on: str) -> None:
    fails = fail_on != "never" and SEVERITIES.index(found) >= SEVERITIES.index(fail_on)
    assert bool(threshold.complaint(model(found), fail_on, True)) is fails


def test_sentences() -> None:
    assert threshold.complaint(model("high", "low"), "high", True) == "1 finding of severity high or worse on 1 host."
    assert threshold.complaint(model("critical"), "critical", True) == "1 finding of severity critical on 1 host."
    assert threshold.complaint(model(), "info", True) == ""


def test_hosts_that_are_missing() -> None:
    assert threshold.complaint(model(lost=1), "never", False) == ""
    assert threshold.complaint(model(lost=1), "never", True) == "1 host of 9 could not be audited: db0."
    many = threshold.complaint(model("high", lost=6), "low", True)
    assert many.startswith("1 finding of severity low or worse on 1 host. 6 hosts of 9 could not be audited: db0, ")
    assert many.endswith("db4, ...") and "db5" not in many


@pytest.mark.parametrize(
    ("fail_on", "wanted"),
    [
        ("never", ""),
        ("high", ""),
        ("medium", "1 rule of severity medium or worse could not be evaluated: OUR-1."),
        ("low", "2 rules of severity low or worse could not be evaluated: OUR-1, OUR-2."),
    ],
)
def test_a_rule_that_could_not_be_evaluated_lets_nobody_pass(fail_on: str, wanted: str) -> None:
    broken = [{"rule": "OUR-1", "severity": "medium"}, {"rule": "OUR-2", "severity": "low"}]
    assert threshold.complaint({**model(), "not_evaluated": broken}, fail_on, True) == wanted


def test_the_choices_are_the_severities_and_never() -> None:
    assert ("never", *SEVERITIES) == threshold.CHOICES
