# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._module import sysctl_list
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl_tree import Tree


def test_records_are_made_of_what_was_seen(sysctls):
    sysctls.put("/etc/sysctl.d/1.conf", "kernel.kptr_restrict=2\n")
    values = sysctl.values([sysctl.KPTR])
    (record,) = sysctl_list.records([sysctl.KPTR], values, Tree())
    assert (record["name"], record["running"], record["persistent"], record["locked"]) == (sysctl.KPTR, 0, 2, False)


def test_who_applies_the_settings_at_boot(sysctls, monkeypatch):
    assert sysctl_list.applied_by() == "systemd"
    monkeypatch.setattr(sysctl, "is_systemd", lambda: False)
    assert sysctl_list.applied_by() == "procps"
