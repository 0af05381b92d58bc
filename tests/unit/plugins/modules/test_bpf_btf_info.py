# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.modules import bpf_btf_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(kernel, capsys):
    kernel.add_btf(1, name=b"vmlinux", kernel=1)
    kernel.add_btf(60)
    kernel.add_program(30, btf_id=60)

    def call(**args):
        return run_module(bpf_btf_info.main, capsys, **args)

    return call


@pytest.mark.parametrize(("args", "found"), [({}, [1, 60]), ({"id": 60}, [60]), ({"name": "vmlinux"}, [1])])
def test_selectors(run, args, found):
    result = run(**args)
    assert [record["id"] for record in result["btfs"]] == found


def test_users(run):
    assert run(id=60)["btfs"][0]["prog_ids"] == [30]


def test_columns(run, proc):
    proc.add_process(7, "agent", {3: ("anon_inode:btf", b"pos:\t0\nbtf_id:\t60\n")})
    assert run(id=60, include=["pids"])["btfs"][0]["pids"] == [{"pid": 7, "comm": "agent"}]
    assert run(include=["pinned"])["failed"]


def test_near_matches_have_no_type(run):
    assert run(name="vmlinus")["near_matches"] == [{"id": 1, "name": "vmlinux"}]
    assert "near: 1 (vmlinux)" in run(name="vmlinus", required=True)["msg"]


def test_a_kernel_before_5_4(make_kernel, capsys):
    make_kernel("4.18")
    assert "5.4" in run_module(bpf_btf_info.main, capsys)["failure"]["hint"]
