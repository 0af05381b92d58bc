# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines of the fleet that runs, as the tool wrote them down."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterable, Mapping

OLD_PYTHON = "/usr/bin/python2.7"


class Machines:
    def __init__(self, run_dir: pathlib.Path) -> None:
        self.run_dir = run_dir

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> Machines:
        return cls(pathlib.Path(environ["VMFLEET_RUN_DIR"]))

    def read(self) -> dict[str, dict]:
        return json.loads((self.run_dir / "fleet.json").read_text(encoding="utf-8"))["machines"]

    def processes(self) -> dict[str, object]:
        """Host -> the process that it is; another one after a restart by the tool."""
        return {name: machine["process"] for name, machine in self.read().items()}

    def kernels(self, columns: Mapping[str, str]) -> dict[str, dict[str, str]]:
        """Column -> release, userland and Python of its machine, for those that are in the fleet."""
        found = {}
        for name, machine in self.read().items():
            if name in columns:
                userland = machine["image"].partition("@")[0].partition("+")[0]
                found[columns[name]] = {
                    "release": machine["kernel"],
                    "userland": userland,
                    "python": machine["python"],
                }
        return found


def inventory(hosts: Iterable[str], extras: Iterable[str]) -> dict:
    """What the suite adds to the inventory of the tool: who may become root, and who stands for a kernel."""
    own = {
        "ansible_become": True,
        "ebpf_fleet_disposable_host": True,
        # a host under emulation takes its time
        "setup_bpf_hold_seconds": 1500,
        # where two modules gather facts at the same time, Ansible gives each 5 s
        "ansible_facts_parallel": False,
    }
    # nobody listens on port 9
    gone = {"ansible_port": 9, "ansible_host": "127.0.0.1", "ansible_ssh_extra_args": "-o ConnectTimeout=5"}
    return {
        "fleet": {"hosts": {name: {} for name in hosts}, "vars": own},
        # all of them have it, beside one that modules can run on
        "beside": {"hosts": {name: {} for name in extras}, "vars": {**own, "ansible_python_interpreter": OLD_PYTHON}},
        "lost": {"hosts": {"gone": gone}},
    }
