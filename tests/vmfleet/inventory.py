# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory that Ansible reads."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
from collections.abc import Iterable

from .machine import Machine

# ssh puts its socket there under a name of 40 to 60 characters, and the kernel takes 107
LONGEST_SOCKET_FOLDER = 45


def series(kernel: str) -> str:
    """kernel_6_1 for 6.1.0-50-cloud-amd64."""
    return "kernel_" + "_".join(re.findall(r"[0-9]+", kernel)[:2])


def inventory(machines: Iterable[Machine], ssh_config: pathlib.Path) -> dict:
    """Groups by userland and by kernel. The user is ops, who may use sudo: what needs rights says become."""
    children: dict[str, dict] = {}
    for machine in machines:
        userland = machine.image.key.partition("-")[0]
        own = {
            "ansible_port": machine.port,
            "vmfleet_image": machine.image.label,
            "vmfleet_kernel": machine.image.kernel,
            "vmfleet_python": machine.image.python,
            "vmfleet_accelerator": machine.hardware.accelerator,
        }
        children.setdefault(userland, {"hosts": {}})["hosts"][machine.name] = own
        children.setdefault(series(machine.image.kernel), {"hosts": {}})["hosts"][machine.name] = {}
    common = {
        "ansible_host": "127.0.0.1",
        "ansible_user": "ops",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_common_args": f"-F {shlex.quote(str(ssh_config))}",
    }
    sockets = ssh_config.parent / "cp"
    if len(str(sockets)) <= LONGEST_SOCKET_FOLDER:
        common["ansible_control_path_dir"] = str(sockets)
    return {"all": {"vars": common, "children": children}}


def text(machines: Iterable[Machine], ssh_config: pathlib.Path) -> str:
    return json.dumps(inventory(machines, ssh_config), indent=2) + "\n"
