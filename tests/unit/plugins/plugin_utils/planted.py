# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Audit documents made up for tests: a host on which every built-in rule can be decided, and ways to spoil it."""

from __future__ import annotations

import copy

PROGRAM = {
    "id": 7,
    "type": "cgroup_skb",
    "name": "sd_fw_egress",
    "full_name": "sd_fw_egress",
    "tag": "6deef7357e7b4530",
    "gpl_compatible": True,
    "run_time_ns": 0,
    "run_cnt": 0,
    "recursion_misses": 0,
    "dev": None,
    "loaded_at": 1795359000,
    "uid": 0,
    "orphaned": False,
    "bytes_xlated": 64,
    "jited": True,
    "bytes_jited": 55,
    "bytes_memlock": 4096,
    "map_ids": [3],
    "btf_id": 5,
    "verified_insns": 8,
    "attach_btf_obj_id": None,
    "attach_btf_id": None,
    "prog_tags": ["6deef7357e7b4530"],
    "pinned": [],
    "pids": [{"pid": 1, "comm": "systemd"}],
    "holders": ["pids"],
}
MAP = {
    "id": 3,
    "type": "array",
    "name": "sd_fw.rodata",
    "flags": 128,
    "flag_names": ["BPF_F_RDONLY_PROG"],
    "bytes_key": 4,
    "bytes_value": 16,
    "max_entries": 1,
    "bytes_memlock": 4096,
    "owner_prog_type": None,
    "owner_jited": None,
    "frozen": True,
    "dev": None,
    "btf_id": 5,
    "pinned": [],
    "pids": [{"pid": 1, "comm": "systemd"}],
    "holders": ["pids", "programs"],
}
LINK = {
    "id": 2,
    "type": "cgroup",
    "prog_id": 7,
    "attach_type": "cgroup_inet_egress",
    "cgroup_id": 1234,
    "ifindex": None,
    "netns_ino": None,
    "pinned": [],
    "pids": [{"pid": 1, "comm": "systemd"}],
}
PIN = {
    "path": "/sys/fs/bpf/fw",
    "mount": "/sys/fs/bpf",
    "kind": "map",
    "id": 3,
    "type": "array",
    "name": "sd_fw.rodata",
    "tag": None,
    "mode": "0600",
    "uid": 0,
    "gid": 0,
}
GOOD = {
    "kernel.bpf_stats_enabled": 0,
    "kernel.kptr_restrict": 1,
    "kernel.perf_event_paranoid": 2,
    "kernel.unprivileged_bpf_disabled": 1,
    "net.core.bpf_jit_enable": 1,
    "net.core.bpf_jit_harden": 2,
    "net.core.bpf_jit_kallsyms": 0,
    "net.core.bpf_jit_limit": 528482304,
}


def sysctl(name: str, value: int | None, **more: object) -> dict:
    return {
        "name": name,
        "running": value,
        "effective": value,
        "persistent": None,
        "persistent_systemd": None,
        "persistent_procps": None,
        "sources": [],
        "conflicts": [],
        "reboot_required": False,
        **more,
    }


def document(**settings: int) -> dict:
    """A clean host; ``settings`` are other values of sysctls, the dots of their names as double underscores."""
    values = {**GOOD, **{name.replace("__", "."): value for name, value in settings.items()}}
    limit = {"scope": "process", "pid": 1, "comm": "systemd", "unit": "init.scope", "user": 0, "soft": 8388608}
    return copy.deepcopy(
        {
            "schema": 1,
            "collected_at": 1795359600,
            "kernel": {"release": "6.18.1", "machine": "x86_64", "hostname": "web1"},
            "privileges": {"euid": 0, "caps": ["bpf", "sys_admin"]},
            "programs": [PROGRAM],
            "maps": [MAP],
            "links": [LINK],
            "btfs": [{"id": 1, "size": 99, "kernel": True, "name": "vmlinux", "prog_ids": [], "map_ids": []}],
            "pins": [PIN],
            "sysctls": [sysctl(name, value) for name, value in sorted(values.items())],
            "memlock": {
                "charged": False,
                "evidence": "the kernel's BTF says so",
                "limits": [{**limit, "hard": 8388608, "file": None}],
            },
            "unavailable": {},
        }
    )


def blind() -> dict:
    """What a host tells a user without any right: settings that everybody may read, and nothing else."""
    found = document()
    why = "cannot list: CAP_SYS_ADMIN or CAP_BPF is missing"
    for noun in ("programs", "maps", "links", "btfs"):
        found[noun] = None
        found["unavailable"][noun] = why
    found["privileges"] = {"euid": 1000, "caps": []}
    found["memlock"]["limits"] = None
    found["unavailable"]["memlock.limits"] = "not without the owners"
    for record in found["sysctls"]:
        if record["name"].startswith("net.core.bpf_jit_") and not record["name"].endswith("enable"):
            record.update(running=None, effective=None, unavailable={"running": "EACCES", "effective": "EACCES"})
    return found


def setting(found: dict, name: str) -> dict:
    return next(record for record in found["sysctls"] if record["name"] == name)
