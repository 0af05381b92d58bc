# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.modules import bpf_prog_code_info
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import insn
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

CODE = insn(0xB7, 0, imm=2, order=sys.byteorder) + insn(0x95, order=sys.byteorder)


@pytest.fixture
def run(kernel, capsys):
    kernel.add_program(30, type=6, name=b"filter", tag=b"\xaa" * 8).insns = CODE
    kernel.add_program(31, type=3, name=b"other", tag=b"\xbb" * 8).insns = CODE

    def call(**args):
        return run_module(bpf_prog_code_info.main, capsys, **args)

    return call


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({}, [30, 31]),
        ({"id": 30}, [30]),
        ({"name": "other"}, [31]),
        ({"tag": "aa" * 8}, [30]),
        ({"type": "xdp"}, [30]),
        ({"id": 32}, []),
    ],
)
def test_selectors(run, args, found):
    result = run(**args)
    assert [record["id"] for record in result["programs"]] == found
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("text", "   0: (b7) r0 = 2\n   1: (95) exit\n"),
        ("records", [{"insn": 0, "disasm": "(b7) r0 = 2"}, {"insn": 1, "disasm": "(95) exit"}]),
        ("raw", CODE.hex()),
    ],
)
def test_formats(run, format, expected):
    assert run(id=30, format=format)["programs"][0][format] == expected


def test_graph(run):
    assert run(id=30, format="dot")["programs"][0]["dot"].startswith('digraph "xdp filter id 30" {')


def test_opcodes(run):
    assert run(id=30, opcodes=True)["programs"][0]["text"].splitlines()[1] == "       " + CODE[:8].hex(" ")


def test_near_matches(run):
    assert [match["id"] for match in run(name="filtre")["near_matches"]] == [30]
    assert "near: 30 (xdp filter)" in run(name="filtre", required=True)["msg"]


def test_there_is_nothing_to_include(run):
    assert "Unsupported parameters" in run(include=["pids"])["msg"]
