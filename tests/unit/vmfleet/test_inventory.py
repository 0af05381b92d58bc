# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import shlex

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import inventory
from ansible_collections.ebpf.fleet.tests.vmfleet.images import Image
from ansible_collections.ebpf.fleet.tests.vmfleet.machine import Machine
from ansible_collections.ebpf.fleet.tests.vmfleet.qemu import Hardware


@pytest.fixture
def machines(tmp_path):
    found = []
    for port, (key, kernel) in enumerate([("bookworm-6.1-a", "6.1.0-50-cloud-amd64"), ("trixie-6.18-b", "6.18.15+x")]):
        machine = Machine(f"m{port}", tmp_path, Image(tmp_path / key, key, kernel, "3.11.2"), Hardware("tcg"))
        machine.port = 1000 + port
        found.append(machine)
    return found


def test_hosts_are_grouped_by_userland_and_kernel(machines):
    children = inventory.inventory(machines, pathlib.Path("/run/ssh_config"))["all"]["children"]
    assert {group: list(found["hosts"]) for group, found in children.items()} == {
        "bookworm": ["m0"],
        "kernel_6_1": ["m0"],
        "trixie": ["m1"],
        "kernel_6_18": ["m1"],
    }


def test_a_host_tells_its_port_and_what_it_is(machines):
    host = inventory.inventory(machines, pathlib.Path("/run/ssh_config"))["all"]["children"]["bookworm"]["hosts"]["m0"]
    assert host["ansible_port"] == 1000
    assert (host["vmfleet_kernel"], host["vmfleet_python"]) == ("6.1.0-50-cloud-amd64", "3.11.2")


def test_the_user_is_ops_and_ssh_reads_our_settings_alone(machines):
    path = pathlib.Path("/run folder/ssh_config")
    common = json.loads(inventory.text(machines, path))["all"]["vars"]
    assert common["ansible_user"] == "ops"
    assert shlex.split(common["ansible_ssh_common_args"]) == ["-F", str(path)]


@pytest.mark.parametrize(("folder", "fits"), [("/short", True), ("/" + "long" * 20, False)])
def test_sockets_of_ssh_lie_in_the_run_folder_where_their_path_fits(machines, folder, fits):
    common = inventory.inventory(machines, pathlib.Path(folder, "ssh_config"))["all"]["vars"]
    assert common.get("ansible_control_path_dir") == (f"{folder}/cp" if fits else None)
