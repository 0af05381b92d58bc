# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from ansible_collections.ebpf.fleet.tests.vmfleet.suite.machines import Machines, inventory


def fleet(tmp_path, pid=7):
    machine = {"process": {"pid": pid}, "image": "trixie@x/6.18+strace", "kernel": "6.18.15", "python": "3.13.5"}
    (tmp_path / "fleet.json").write_text(json.dumps({"machines": {"a": machine, "b": machine}}))
    return Machines.of_environment({"VMFLEET_RUN_DIR": str(tmp_path)})


def test_a_restart_is_another_process(tmp_path):
    before = fleet(tmp_path).processes()
    assert fleet(tmp_path).processes() == before
    assert fleet(tmp_path, pid=8).processes() != before


def test_a_column_tells_what_it_stands_for(tmp_path):
    found = fleet(tmp_path).kernels({"a": "6.18"})
    assert found == {"6.18": {"release": "6.18.15", "userland": "trixie", "python": "3.13.5"}}


def test_hosts_that_stand_for_no_kernel_are_apart():
    found = inventory(["a"], ["old"])
    assert list(found["fleet"]["hosts"]) == ["a"]
    assert list(found["beside"]["hosts"]) == ["old"]
    assert found["fleet"]["vars"]["ebpf_fleet_disposable_host"] is True
