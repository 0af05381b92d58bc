# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import settings
from ansible_collections.ebpf.fleet.plugins.modules import bpf_facts
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(bpffs, proc, kernel, monkeypatch, capsys):
    monkeypatch.setattr(settings, "read_memlock", lambda pids: {"charged": None})
    monkeypatch.setattr(settings, "read_sysctls", list)
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    kernel.add_program(30)

    def call(**args):
        return run_module(bpf_facts.main, capsys, **args)

    return call


def test_facts_are_under_one_key(run):
    result = run(gather_subset=["programs"])
    assert list(result["ansible_facts"]) == ["bpf"]
    assert result["ansible_facts"]["bpf"]["programs"][0]["id"] == 30


def test_a_host_without_rights_does_not_fail(run, kernel):
    kernel.can_list = False
    facts = run()["ansible_facts"]["bpf"]
    assert facts["programs"] is None
    assert facts["unavailable"]["programs"].startswith("cannot read programs: BPF_PROG_GET_NEXT_ID: ")


def test_the_oldest_kernel_does_not_fail(run, make_kernel):
    kernel = make_kernel("4.18")
    kernel.add_program(30)
    facts = run()["ansible_facts"]["bpf"]
    assert facts["programs"][0]["id"] == 30
    assert set(facts["unavailable"]) == {"links", "btfs"}
