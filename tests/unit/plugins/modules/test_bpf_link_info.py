# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import link_types
from ansible_collections.ebpf.fleet.plugins.modules import bpf_link_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(kernel, capsys):
    kernel.add_link(50, link_types.CGROUP, 3, cgroup_id=99, attach_type=0)
    kernel.add_link(51, link_types.NETNS, 3, netns_ino=4026531840, attach_type=17)

    def call(**args):
        return run_module(bpf_link_info.main, capsys, **args)

    return call


@pytest.mark.parametrize(
    ("args", "found"), [({}, [50, 51]), ({"id": 51}, [51]), ({"type": "cgroup"}, [50]), ({"type": "xdp"}, [])]
)
def test_selectors(run, args, found):
    assert [record["id"] for record in run(**args)["links"]] == found


def test_links_have_no_names(run):
    assert run(name="x")["failed"]
    assert "51 (netns)" in run(type="netsn", required=True)["msg"]


def test_by_pin(run, bpffs, kernel):
    bpffs.add(b"/bpf/l", kernel.objects["link"][50])
    assert run(pinned=bpffs.text(b"/bpf/l"), include=["pinned"])["links"][0]["pinned"] == [bpffs.text(b"/bpf/l")]


def test_a_kernel_before_5_8(make_kernel, capsys):
    make_kernel("5.4")
    result = run_module(bpf_link_info.main, capsys)
    assert result["msg"].startswith("cannot read the links of this host: BPF_LINK_GET_NEXT_ID: ")
    assert "5.8" in result["failure"]["hint"]
