# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.modules import bpf_map_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(kernel, capsys):
    kernel.add_map(40, type=1, name=b"table")
    kernel.add_map(41, type=2, name=b"other")

    def call(**args):
        return run_module(bpf_map_info.main, capsys, **args)

    return call


@pytest.mark.parametrize(
    ("args", "found"),
    [({}, [40, 41]), ({"id": 41}, [41]), ({"name": "table"}, [40]), ({"type": "array"}, [41]), ({"id": 42}, [])],
)
def test_selectors(run, args, found):
    assert [record["id"] for record in run(**args)["maps"]] == found


def test_there_is_no_tag_of_a_map(run):
    assert run(tag="aa")["failed"]


def test_columns(run, bpffs, kernel):
    bpffs.add(b"/bpf/m", kernel.objects["map"][40])
    assert run(id=40, include=["pinned"])["maps"][0]["pinned"] == [bpffs.text(b"/bpf/m")]
    assert run(include=["metadata"])["failed"]


def test_by_pin(run, bpffs, kernel):
    bpffs.add(b"/bpf/m", kernel.objects["map"][40])
    assert run(pinned=bpffs.text(b"/bpf/m"))["maps"][0]["name"] == "table"


def test_without_rights(run, kernel):
    kernel.can_list = False
    assert run()["failure"]["call"] == "BPF_MAP_GET_NEXT_ID"
    assert run(id=40)["msg"].startswith("cannot read maps (id=40): BPF_MAP_GET_FD_BY_ID: ")
