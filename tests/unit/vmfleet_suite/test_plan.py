# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.suite.plan import HERE, MODULES, Plan, PlanError, tried


@pytest.fixture
def plan():
    return Plan.read()


def test_the_plan_of_the_repository_holds(plan):
    steps = plan.steps("full")
    assert {step.playbook for step in steps if not step.playbook.exists()} == set()
    assert {path.stem for path in (HERE / "cases").glob("*.yml") if "\n  hosts: " in path.read_text()} <= set(
        plan.data["cases"]
    )


def test_the_short_suite_is_one_play_on_the_oldest_and_the_newest_kernel(plan):
    [smoke] = plan.steps("smoke")
    assert smoke.most_tasks == 150
    assert list(plan.columns("smoke").values()) == ["5.10", "6.1", "newest"]


def test_every_module_is_tried_in_the_short_suite():
    modules = {path.stem for path in MODULES.glob("*.py")}
    assert modules - set(tried()) == set(), "call them in tests/vmfleet/suite/smoke"


def test_every_machine_has_a_name_of_its_own(plan):
    hosts = [*plan.columns("full"), *plan.extras("full")]
    assert len(set(hosts)) == len(plan.specs("full"))


def test_a_target_speaks_for_the_module_of_its_name(plan):
    steps = {step.name: step for step in plan.steps("full")}
    assert steps["bpf_prog_info"].modules == ("bpf_prog_info",)
    assert steps["bpf_audit_module"].modules == ("bpf_audit",)
    assert steps["bpf_report"].left_out


def test_a_target_that_speaks_for_no_module_is_an_error(plan):
    with pytest.raises(PlanError, match="odd: there is no module odd"):
        plan.target("odd", {})


def test_a_target_that_is_gone_is_an_error(plan):
    plan.data["targets"]["bpf_gone"] = {"modules": []}
    with pytest.raises(PlanError, match="bpf_gone: there is no such integration target"):
        plan.steps("full")


def test_a_case_names_a_machine_by_its_kernel(plan):
    assert plan.hosts("full", "6.1") == "linux-61"
    assert plan.hosts("full", "fleet") == "fleet"


def test_a_step_knows_what_is_missing_here(plan, tmp_path):
    step = dataclasses.replace(plan.steps("full")[0], needs=("sh", str(tmp_path), str(tmp_path / "gone"), "no-such"))
    assert step.missing() == [str(tmp_path / "gone"), "no-such"]


def test_a_machine_without_a_name_is_an_error(plan):
    plan.data["machines"]["5.10"] = "bullseye"
    with pytest.raises(PlanError, match="has no name="):
        plan.columns("full")
