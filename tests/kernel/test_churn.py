# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects and processes that come and go while they are read: no read may fail, and none may keep a descriptor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import objects
import pytest
from modules import run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._module import btfs, links, maps, pins, programs
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import owners

READS = 1000
#: What one turn reads; each counts as one read.
TURN = (
    lambda: programs.read(None, ("pinned", "pids", "metadata")),
    lambda: maps.read(None, ("pinned", "pids")),
    lambda: links.read(None, ("pinned", "pids")),
    lambda: btfs.read(None, ("pids",)),
    lambda: pins.read(None),
)
MODULES = {
    "bpf_prog_info": ["pinned", "pids", "metadata"],
    "bpf_map_info": ["pinned", "pids"],
    "bpf_link_info": ["pinned", "pids"],
    "bpf_btf_info": ["pids"],
    "bpf_pin_info": None,
}


class Churn:
    """The churning child; `stop` ends it and returns what it made."""

    def __init__(self, place: Path) -> None:
        command = [sys.executable, "-B", str(Path(__file__).with_name("churn.py")), str(place)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout.readline() == "ready\n"

    def stop(self) -> dict:
        told = self._child.communicate(timeout=60)[0]
        assert self._child.returncode == 0
        return json.loads(told)


@pytest.fixture
def churn(bpffs):
    child = Churn(bpffs)
    told: dict = {}
    yield lambda: told.update(child.stop()) or told
    if not told:
        child.stop()


def descriptors() -> dict[str, str]:
    """Return what this process has open, without the descriptor that looks."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except FileNotFoundError:
            continue
    return found


def test_a_thousand_reads_of_a_restless_host(churn):
    before = descriptors()
    seen: set[tuple[int, int]] = set()
    for turn in range(READS // len(TURN)):
        for number, read in enumerate(TURN):
            records = read()
            assert isinstance(records, list)
            if number < 4:
                seen.update((number, record["id"]) for record in records)
        assert descriptors() == before, turn
    made = churn()
    per_second = sum(made[kind] for kind in ("maps", "programs", "btfs", "links")) / made["seconds"]
    assert per_second >= 200, made
    assert made["processes"] > 50 and made["pins"] > 200 and made["refused"] == 0, made
    # Without ids that were there in one read and gone in another nothing would have been tried.
    assert len(seen) > READS


@pytest.mark.parametrize("name", sorted(MODULES))
def test_modules_on_a_restless_host(churn, name):
    for _turn in range(3):
        result = run_module(name, {"include": MODULES[name]} if MODULES[name] else {})
        assert result["changed"] is False
    assert churn()["refused"] == 0


def test_records_never_mix_two_objects(churn):
    # A map of ours that lives through all of it has the same record in every read.
    with objects.Map(1, key=12, value=20, entries=77, name=b"steady").create() as fd:
        number = objects.object_id(fd)
        records = [record for _turn in range(50) for record in maps.read() if record["id"] == number]
    assert len(records) == 50
    assert [record for record in records if record != records[0]] == []
    assert (records[0]["name"], records[0]["bytes_key"], records[0]["max_entries"]) == ("steady", 12, 77)
    churn()


def test_holders_that_come_and_go(churn):
    # by the clock: a quick machine is through with any number of scans before the child has made a handful of processes
    end, turns = time.monotonic() + 3, 0
    while turns < 50 or time.monotonic() < end:
        found = owners.scan()
        assert all(pid in found.comm for pids in found.pids["map"].values() for pid in pids)
        turns += 1
    assert churn()["processes"] > 5
