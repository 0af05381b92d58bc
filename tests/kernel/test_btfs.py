# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BTF objects: what bpf_btf_info tells, beside what bpftool and fdinfo tell."""

from __future__ import annotations

from pathlib import Path

import objects
import oracle
import pytest
import vmlinux
from modules import run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._module import btfs
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import btf
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types


def read(*include: str) -> dict[int, dict]:
    return {record["id"]: record for record in btfs.read(None, include)}


@pytest.fixture
def held():
    with objects.load_btf() as fd:
        yield fd


def test_bpftool_agrees_on_every_key_it_prints(compiled, held, bpftool):
    records, shown = read("pids"), oracle.shown("btf")
    progs = oracle.shown("prog")
    pinned = [number for kind, number in objects.pinned_ids(compiled).values() if kind == "prog"]
    mine = {progs[number]["btf_id"] for number in pinned if "btf_id" in progs[number]} | {objects.object_id(held)}
    mine |= {number for number, entry in shown.items() if entry.get("kernel")}
    assert mine <= set(records) and len(mine) >= 5
    wrong = [line for number in sorted(mine) for line in oracle.disagreements("btf", shown[number], records[number])]
    assert wrong == []


def test_module_tells_what_the_core_tells(compiled, held):
    told = run_module("bpf_btf_info")
    found = {record["id"]: record for record in told["btfs"]}
    expected = read()
    mine = {number for number, record in expected.items() if record["kernel"]} | {objects.object_id(held)}
    assert {number: found[number] for number in mine} == {number: expected[number] for number in mine}


def test_size_is_that_of_what_was_loaded(held):
    record = read()[objects.object_id(held)]
    assert record["size"] == len(objects.btf_blob())
    assert (record["kernel"], record["name"], record["prog_ids"], record["map_ids"]) == (False, "", [], [])
    assert btf.read_blob(record["id"]) == objects.btf_blob()


def test_the_kernels_own():
    if not vmlinux.PATH.exists():
        pytest.skip("this kernel was built without BTF")
    record = next(record for record in read().values() if record["name"] == "vmlinux")
    assert record["kernel"] is True and record["size"] == vmlinux.PATH.stat().st_size


def test_maps_that_use_it():
    with objects.Map(map_types.ARRAY, btf=(1, 1)).create() as fd:
        number = objects.object_id(fd)
        users = [record for record in read().values() if number in record["map_ids"]]
    assert len(users) == 1 and users[0]["size"] == len(objects.btf_blob())


def test_pids_are_those_of_an_independent_walk(held):
    number = objects.object_id(held)
    record = read("pids")[number]
    assert {holder["pid"]: holder["comm"] for holder in record["pids"]} == oracle.holders()["btf", number]
    assert Path("/proc/self/comm").read_text().strip() in [holder["comm"] for holder in record["pids"]]
