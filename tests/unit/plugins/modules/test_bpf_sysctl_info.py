# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl
from ansible_collections.ebpf.fleet.plugins.modules import bpf_sysctl_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


def test_all_settings_by_name(sysctls, capsys):
    result = run_module(bpf_sysctl_info.main, capsys)
    assert [record["name"] for record in result["sysctls"]] == sorted(sysctl.NAMES)
    assert result["applied_by"] == "systemd" and result["changed"] is False
    assert sorted(sysctls.calls) == [("read", name) for name in sorted(sysctl.NAMES)]


def test_some_settings(sysctls, capsys):
    sysctls.values[sysctl.UNPRIVILEGED] = 1
    sysctls.put("/etc/sysctl.d/1.conf", "kernel.unprivileged_bpf_disabled=2\n")
    result = run_module(bpf_sysctl_info.main, capsys, names=[sysctl.UNPRIVILEGED, sysctl.UNPRIVILEGED])
    (record,) = result["sysctls"]
    assert (record["running"], record["persistent"], record["locked"], record["reboot_required"]) == (1, 2, True, True)


def test_a_latch_that_cannot_be_read_is_not_known_to_be_locked(sysctls, capsys):
    sysctls.missing.add(sysctl.UNPRIVILEGED)
    (record,) = run_module(bpf_sysctl_info.main, capsys, names=[sysctl.UNPRIVILEGED])["sysctls"]
    assert record["locked"] is None and record["unavailable"]["locked"] == "unsupported"


def test_names_that_are_not_ours_are_refused(sysctls, capsys):
    assert run_module(bpf_sysctl_info.main, capsys, names=["kernel.panic"])["failed"]
