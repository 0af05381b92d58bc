# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.suite import runner as runner_file
from ansible_collections.ebpf.fleet.tests.vmfleet.suite.outcome import Host, Outcome
from ansible_collections.ebpf.fleet.tests.vmfleet.suite.plan import Step
from ansible_collections.ebpf.fleet.tests.vmfleet.suite.runner import Done, Runner, environment

STEP = Step("bpf_prog_info", None, "fleet", ("bpf_prog_info",))


class Plan:
    def columns(self, suite):
        return {"a": "5.10", "b": "newest"}

    def extras(self, suite):
        return []

    def steps(self, suite):
        return [STEP]


class Fleet:
    def __init__(self):
        self.pids = {"a": 1, "b": 2}

    def processes(self):
        return dict(self.pids)

    def read(self):
        return {"a": {"kernel": "5.10.0"}, "b": {"kernel": "7.3.4"}}


@pytest.fixture
def runner(tmp_path):
    return Runner(Plan(), "full", tmp_path, Fleet())


def plays(runner, monkeypatch, *outcomes):
    """Let ansible-playbook bring these outcomes, a function each; returns the limits it was called with."""
    calls, todo = [], list(outcomes)

    def play(step, limit=None):
        calls.append(limit)
        hosts, code = todo.pop(0)()
        return Done(step, Outcome(hosts, 1, True), code)

    monkeypatch.setattr(runner, "play", play)
    return calls


def good():
    return Host(tasks=1)


def test_a_good_step_is_no_problem(runner, monkeypatch):
    calls = plays(runner, monkeypatch, lambda: ({"a": good(), "b": good()}, 0))
    runner.run([])
    assert (calls, runner.problems) == ([None], [])


def test_the_tasks_that_ran_on_this_machine_are_told_too(runner, monkeypatch, capsys):
    plays(runner, monkeypatch, lambda: ({"a": good(), "b": good(), "localhost": Host(tasks=30)}, 0))
    runner.run([])
    assert "2 of 2 hosts good, 30 tasks" in capsys.readouterr().out


def test_a_failed_test_is_not_run_again(runner, monkeypatch):
    calls = plays(runner, monkeypatch, lambda: ({"a": good(), "b": Host(tasks=1, failures=["Look: no"])}, 2))
    runner.run([])
    assert (calls, runner.problems) == ([None], ["bpf_prog_info on b: Look: no"])


def test_a_failed_test_is_not_run_again_on_a_guest_that_died_later(runner, monkeypatch):
    def dies():
        runner.fleet.pids["b"] = 3
        return {"a": good(), "b": Host(tasks=1, failures=["Look: no"])}, 2

    assert plays(runner, monkeypatch, dies) == []
    runner.run([])
    assert runner.problems == ["bpf_prog_info on b: Look: no"]


def test_a_guest_that_the_emulator_killed_gets_another_chance_and_it_is_said(runner, monkeypatch, capsys):
    def dies():
        runner.fleet.pids["b"] = 3
        return {"a": good(), "b": Host(tasks=1, unreachable="Look: away")}, 4

    calls = plays(runner, monkeypatch, dies, lambda: ({"b": good()}, 0))
    runner.run([])
    assert (calls, runner.problems) == ([None, ["b"]], [])
    assert "once more on b, which the emulator killed meanwhile" in capsys.readouterr().out


def test_a_host_that_is_away_is_a_problem(runner, monkeypatch):
    calls = plays(runner, monkeypatch, lambda: ({"a": good(), "b": Host(tasks=1, unreachable="Look: away")}, 4))
    runner.run([])
    assert (calls, runner.problems) == ([None], ["bpf_prog_info on b: unreachable: Look: away"])


def test_a_host_without_a_result_and_a_code_without_a_reason_are_problems(runner, monkeypatch):
    plays(runner, monkeypatch, lambda: ({"a": good()}, 0))
    runner.run([])
    assert runner.problems == ["bpf_prog_info on b: did not run"]
    runner.problems.clear()
    runner.judge(Done(STEP, Outcome({"a": good(), "b": good()}, 1, True), 5))
    assert "ansible-playbook ended with 5" in runner.problems[0]


def test_too_many_tasks_are_a_problem(runner):
    step = Step("smoke", None, "fleet", (), most_tasks=3)
    runner.judge(Done(step, Outcome({"a": good(), "b": good()}, 4, True)))
    assert runner.problems == ["smoke: 4 tasks, more than the 3 it may have"]


def test_a_record_against_the_documentation_is_a_problem(runner):
    told = Host(
        tasks=1, told={"bpf_prog_info": [{"unavailable": {"verified_insns": "unsupported"}, "verified_insns": None}]}
    )
    runner.judge(Done(STEP, Outcome({"a": told, "b": told}, 1, True)))
    assert runner.problems == ["bpf_prog_info: verified_insns (Linux 5.16) is called unsupported on 7.3.4"]


def test_a_worse_cell_is_a_problem_and_a_part_of_the_steps_compares_nothing(runner, monkeypatch, tmp_path):
    before = {"kernels": {}, "modules": {"bpf_prog_info": {"5.10": {"state": "ok"}}}}
    monkeypatch.setattr(runner_file.matrix, "read", lambda: before)
    runner.compare(["bpf_prog_info"])
    assert runner.problems == []
    runner.compare([])
    assert runner.problems == ["bpf_prog_info on Linux 5.10: not run, was ok"]


def test_what_is_recorded_is_read_again(runner, monkeypatch, tmp_path):
    monkeypatch.setattr(runner_file.matrix, "DATA", tmp_path / "support.json")
    monkeypatch.setattr(runner_file.matrix, "PAGE", tmp_path / "page.rst")
    monkeypatch.setattr(runner_file, "ROOT", tmp_path)
    facts = {"release": "5.10.0", "userland": "x", "python": "3.9.2"}
    runner.fleet.kernels = lambda columns: {"5.10": facts}
    runner.done = [Done(STEP, Outcome({"a": good()}, 1, True))]
    runner.record()
    assert json.loads((tmp_path / "support.json").read_text())["modules"] == {
        "bpf_prog_info": {"5.10": {"state": "ok"}}
    }
    assert "5.10.0" in (tmp_path / "page.rst").read_text()


def test_the_settings_of_the_user_do_not_count(tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_CONFIG", "/etc/mine.cfg")
    assert environment(tmp_path, tmp_path / "x")["ANSIBLE_CONFIG"] == str(tmp_path / "ansible.cfg")
