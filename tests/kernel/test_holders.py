# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who keeps an object alive, as an audit tells it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import links
import objects
import pytest
from modules import run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._module import document
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import owners
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types


def by_id(records: list[dict]) -> dict[int, dict]:
    return {record["id"]: record for record in records}


@pytest.mark.parametrize("name", ["iter_map_elem", "iter_sk_storage_map", "sockmap", "struct_ops"])
def test_a_link_that_names_a_map_holds_it(name):
    with links.made_or_skipped(name) as made:
        told = by_id(document.collect()["maps"])[made.expected["map_id"]]
    assert "links" in told["holders"]


def test_what_is_closed_while_the_holders_are_looked_for_is_left_out(monkeypatch):
    fd = objects.Map(map_types.ARRAY).create()
    number, scan = objects.object_id(fd), owners.scan

    def close_and_scan():
        fd.close()
        return scan()

    monkeypatch.setattr(owners, "scan", close_and_scan)
    with objects.Map(map_types.ARRAY).create() as other:
        told = by_id(document.collect()["maps"])
        assert number not in told and objects.object_id(other) in told


#: The main thread ends, its process does not.
HEADLESS = """
import ctypes, signal, threading
threading.Thread(target=signal.pause).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


def test_a_process_without_its_main_thread_still_holds():
    with objects.Map(map_types.ARRAY).create() as fd:
        number = objects.object_id(fd)
        child = subprocess.Popen([sys.executable, "-c", HEADLESS], pass_fds=[fd.number])
        try:
            end = time.monotonic() + 20
            while state(child.pid) != "Z" and time.monotonic() < end:
                time.sleep(0.01)
            assert os.listdir(f"/proc/{child.pid}/fd") == [] and len(os.listdir(f"/proc/{child.pid}/task")) == 2
            found = owners.scan()
            assert child.pid in found.of("map", number) and child.pid in found.comm
        finally:
            child.kill()
            child.wait()


def test_a_pid_namespace_hides_who_holds():
    inside = ("unshare", "--pid", "--fork", "--mount-proc")
    if subprocess.run([*inside, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no PID namespace can be made here")
    with objects.Map(map_types.ARRAY).create() as fd:
        (record,) = run_module("bpf_map_info", {"id": objects.object_id(fd), "include": ["pids"]}, inside)["maps"]
    assert record["pids"] is None
    assert record["unavailable"]["pids"] == "processes of other PID namespaces are not visible"
