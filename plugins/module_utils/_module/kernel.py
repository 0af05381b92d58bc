# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors, procfs
from .._view import record

# The version of the form of facts and audit documents.
SCHEMA = 1

CAPABILITIES = {
    12: "net_admin",
    19: "sys_ptrace",
    21: "sys_admin",
    24: "sys_resource",
    34: "syslog",
    38: "perfmon",
    39: "bpf",
}


def read() -> dict:
    """Return what the running kernel is: names, boot, machine, and whether it brings its own BTF.

    ``boot_time`` is in seconds since the epoch; ``boot_id`` changes with every boot and makes ids comparable.
    """
    import os

    name = os.uname()
    facts = {
        "release": name.release,
        "version": name.version,
        "machine": name.machine,
        "hostname": name.nodename,
        "boot_time": procfs.boot_time_ns() // 1000000000,
        "boot_id": None,
        "vmlinux_btf": os.path.exists("/sys/kernel/btf/vmlinux"),
    }
    try:
        facts["boot_id"] = record.text(procfs.read("/proc/sys/kernel/random/boot_id").strip())
    except errors.KernelError as error:
        facts["unavailable"] = {"boot_id": errors.reason(error)}
    return facts


def privileges() -> dict:
    """Return the effective user and those of the capabilities this collection can use that the task has."""
    import os

    status = procfs.read("/proc/self/status")
    line = next((line for line in status.splitlines() if line.startswith(b"CapEff:")), b"CapEff: 0")
    bits = int(line.split()[1], 16)
    return {"euid": os.geteuid(), "caps": [name for bit, name in sorted(CAPABILITIES.items()) if bits >> bit & 1]}
