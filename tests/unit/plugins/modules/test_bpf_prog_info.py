# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.plugins.modules import bpf_prog_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(kernel, capsys):
    kernel.add_program(30, type=6, name=b"filter", tag=b"\xaa" * 8)
    kernel.add_program(31, type=3, name=b"other", tag=b"\xbb" * 8)

    def call(**args):
        return run_module(bpf_prog_info.main, capsys, **args)

    return call


def ids(result):
    return [record["id"] for record in result["programs"]]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({}, [30, 31]),
        ({"id": 30}, [30]),
        ({"name": "other"}, [31]),
        ({"tag": "aa" * 8}, [30]),
        ({"type": "xdp"}, [30]),
        ({"type": "xdp", "name": "other"}, []),
        ({"id": 32}, []),
        ({"id": -1}, []),
        ({"name": "filter", "required": True}, [30]),
    ],
)
def test_selectors(run, args, found):
    result = run(**args)
    assert ids(result) == found
    assert result["changed"] is False


def test_near_matches(run):
    assert [match["id"] for match in run(name="filtre")["near_matches"]] == [30]
    assert "near: 30 (xdp filter)" in run(name="filtre", required=True)["msg"]


def test_columns(run, proc):
    proc.add_process(7)
    record = run(id=30, include=["pids", "metadata"])["programs"][0]
    assert (record["pids"], record["metadata"]) == ([], {})
    assert run(include=["fill"])["failed"]


def test_by_pin(run, bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.objects["prog"][31])
    bpffs.add(b"/bpf/m", kernel.add_map())
    assert ids(run(pinned=bpffs.text(b"/bpf/a"))) == [31]
    assert ids(run(pinned=bpffs.text(b"/bpf/a"), name="filter")) == []
    assert ids(run(pinned=bpffs.text(b"/bpf/nothing"))) == []
    assert run(pinned=bpffs.text(b"/bpf/m"))["msg"].endswith("holds a map, not a prog")


def test_without_rights(run, kernel):
    kernel.can_list = False
    result = run()
    assert result["msg"].startswith("cannot read the programs of this host: BPF_PROG_GET_NEXT_ID: ")
    assert (result["failure"]["call"], result["failure"]["name"]) == ("BPF_PROG_GET_NEXT_ID", "EPERM")


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL, 524])
def test_a_kernel_that_cannot(run, kernel, number):
    kernel.fault(commands.BPF_PROG_GET_NEXT_ID, number)
    assert run()["failure"]["errno"] == number


def test_hostile_names_are_json(run, kernel):
    kernel.add_program(32, name=b"\xff\n\x1b[31m\"'")
    assert run(id=32)["programs"][0]["name"] == "\\xff\n\x1b[31m\"'"
