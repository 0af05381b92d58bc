# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.modules import bpf_btf_info
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
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


def test_dump(run, kernel):
    builder = Builder()
    builder.struct(4, ("n", builder.integer(), 0), name="flow")
    kernel.add_btf(61, blob=builder.blob())
    kernel.add_program(31, btf_id=61, name=b"balancer")
    for args in ({"id": 61}, {"program": {"name": "balancer"}}, {"program": {"id": 31}, "types": ["flow"]}):
        assert "struct flow {\n\tint n;\n};" in run(dump="c", **args)["btfs"][0]["dump"]
    assert "no type is called" in run(id=61, dump="raw", types=["flw"])["msg"]


@pytest.mark.parametrize(
    "args", [{"id": 1, "file": "/x"}, {"program": {"id": 1}, "map": {"id": 1}}, {"types": ["x"]}, {"base": "/x"}]
)
def test_options_that_do_not_go_together(run, args):
    assert "parameters are mutually exclusive" in run(**args)["msg"] or "required by" in run(**args)["msg"]


def test_a_file(run, tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(Builder().blob())
    assert run(file=str(path))["btfs"][0]["size"] == len(Builder().blob())
    assert run(file=str(tmp_path))["failure"]["name"] == "EISDIR"
