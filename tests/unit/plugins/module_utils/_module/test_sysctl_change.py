# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of bpf_sysctl; what they do together is in modules/test_bpf_sysctl.py."""

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._module import sysctl_change, sysctl_task
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl

KPTR = sysctl.KPTR


def task_of(wanted, **given):
    defaults = {name: spec.get("default") for name, spec in sysctl_task.SPEC.items()}
    return sysctl_task.read_task({**defaults, "settings": wanted, **given})


def planned(wanted, **given):
    task = task_of(wanted, **given)
    before = sysctl_change._observe(task)
    return before, sysctl_change._plan(task, before)


def test_a_plan_changes_nothing_and_what_was_seen_stays(sysctls):
    before, plan = planned({KPTR: 1})
    assert plan.writes == {KPTR: 1} and list(plan.files) == [sysctls.path(sysctl_task.DEFAULT_FILE)]
    assert before.values[KPTR].number == 0 and plan.after.values[KPTR].number == 1
    assert before.tree.merged([KPTR])[KPTR].lines == [] and len(plan.after.tree.merged([KPTR])[KPTR].lines) == 1
    assert sysctls.writes == [] and sysctls.files() == {}


def test_what_is_as_it_should_be_is_no_plan(sysctls):
    sysctls.put(sysctl_task.DEFAULT_FILE, "kernel.kptr_restrict = 0\n")
    before, plan = planned({KPTR: 0})
    assert plan.writes == {} and plan.files == {} and plan.after.values == before.values


def test_a_refusal_hands_on_the_error_of_the_kernel(sysctls):
    sysctls.refusals[KPTR] = 30
    try:
        planned({sysctl.STATS: 5, KPTR: 1})
    except sysctl_task.Refusal as refusal:
        assert refusal.error.errno == 30 and "out of range" in str(refusal) and "read-only" in str(refusal)
    else:
        raise AssertionError("not refused")
