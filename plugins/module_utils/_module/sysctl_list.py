# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._objects import sysctl
from .._objects.sysctl_tree import Tree
from .._view import sysctl as view
from .._view.record import hide


def records(names, values, tree: Tree) -> list[dict]:
    """Return the records of settings out of what their files and the sysctl.d files say, sorted by name."""
    found = view.records(sysctl.settings(names, values), tree.merged(names), sysctl.is_systemd())
    return [_with_lock(record) for record in found]


def _with_lock(record: dict) -> dict:
    """Add ``locked``: whether the kernel takes no other value until it is booted again. Facts go without it."""
    record["locked"] = view.is_locked(record["name"], record["running"])
    return record if record["locked"] is not None else hide(record, {"locked": record["unavailable"]["running"]})


def applied_by() -> str:
    """Return which program applies the persistent settings at boot of this host."""
    return "systemd" if sysctl.is_systemd() else "procps"


def run() -> None:
    """Run ``bpf_sysctl_info``."""
    names = list(sysctl.NAMES)
    spec = {"names": {"type": "list", "elements": "str", "choices": names, "default": names}}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    wanted = list(dict.fromkeys(module.params["names"]))
    sysctls = records(wanted, sysctl.values(wanted), Tree())
    module.exit_json(changed=False, sysctls=sysctls, applied_by=applied_by())
