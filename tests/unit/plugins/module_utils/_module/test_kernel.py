# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import platform

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import kernel as facts


def test_the_running_kernel():
    told = facts.read()
    assert (told["release"], told["machine"]) == (platform.release(), platform.machine())
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as handle:
        assert told["boot_id"] == handle.read().strip()
    assert told["vmlinux_btf"] is os.path.exists("/sys/kernel/btf/vmlinux")
    assert "unavailable" not in told


def test_a_boot_id_that_cannot_be_read(monkeypatch):
    def read(path):
        raise kernel_error(f"open {path}", errno.EACCES)

    monkeypatch.setattr(procfs, "read", read)
    told = facts.read()
    assert (told["boot_id"], told["unavailable"]) == (None, {"boot_id": "EACCES"})


@pytest.mark.parametrize(
    ("status", "caps"),
    [
        (b"Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n", []),
        (b"CapEff:\t000001ffffffffff\n", list(facts.CAPABILITIES.values())),
        (b"CapEff:\t0000008000000000\nCapBnd:\t0\n", ["bpf"]),
        (b"CapEff:\t0000000000201000\n", ["net_admin", "sys_admin"]),
        (b"Name:\tno capabilities at all\n", []),
    ],
)
def test_the_rights_of_this_process(monkeypatch, status, caps):
    monkeypatch.setattr(procfs, "read", {"/proc/self/status": status}.__getitem__)
    assert facts.privileges() == {"euid": os.geteuid(), "caps": caps}
