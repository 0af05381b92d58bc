# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.ebpf.fleet.tests.vmfleet.suite.outcome import read


def lines(*told):
    return [json.dumps(one) for one in told]


def task(state, host="a", name="Look", **more):
    return {"host": host, "task": name, "state": state, "seconds": 1.5, **more}


def recap(failures=0, unreachable=0):
    return {"recap": {"a": {"failures": failures, "unreachable": unreachable}}}


def test_a_good_host_has_tasks_and_no_failures():
    outcome = read(lines({"begins": "Look"}, task("ok"), recap()))
    assert outcome.hosts["a"].good
    assert (outcome.tasks, outcome.hosts["a"].seconds, outcome.ended) == (1, 1.5, True)


def test_a_failure_counts_and_tells_its_task():
    host = read(lines(task("failed", msg="no"), recap(failures=1))).hosts["a"]
    assert not host.good
    assert host.failures == ["Look: no"]


def test_failures_that_were_expected_do_not_count():
    assert read(lines(task("failed", msg="no", ignored=True), recap())).hosts["a"].good
    assert read(lines(task("failed", msg="rescued"), recap())).hosts["a"].good, "a rescue took it up"


def test_an_unreachable_host_is_not_good():
    host = read(lines(task("ok"), task("unreachable", msg="away"), recap(unreachable=1))).hosts["a"]
    assert (host.good, host.unreachable) == (False, "Look: away")


def test_a_run_that_was_cut_off_has_not_ended():
    outcome = read(lines(task("failed", msg="no")))
    assert not outcome.ended
    assert outcome.hosts["a"].failures == ["Look: no"]


def test_what_is_left_out_and_what_is_told_is_kept():
    told = {"bpf_prog_info": [{"id": 1}]}
    host = read(
        lines(task("ok", msg="skipped: no oracle"), task("ok", told=told), task("ok", told=told), recap())
    ).hosts["a"]
    assert host.left_out == ["no oracle"]
    assert host.told == {"bpf_prog_info": [{"id": 1}, {"id": 1}]}
