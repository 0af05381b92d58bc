# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import sys
import zlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.plugins.modules import bpf_prog_dump
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import insn
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

CODE = insn(0xB7, 0, imm=2, order=sys.byteorder) + insn(0x95, order=sys.byteorder)
TEXT = "   0: (b7) r0 = 2\n   1: (95) exit\n"


@pytest.fixture
def run(kernel, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(kallsyms, "read", lambda: b"ffffffffc0000000 t bpf_prog_f\t[bpf]\n")
    for number, name in ((30, b"filter"), (31, b"twin"), (32, b"twin")):
        program = kernel.add_program(number, type=6, name=name, tag=bytes([number]) * 8)
        program.insns, program.image, program.addresses = CODE, b"\xc3", [0xFFFFFFFFC0000000]

    def call(dest="dump", **args):
        args = args if {"name", "pinned", "tag"} & set(args) else dict({"id": 30}, **args)
        return run_module(bpf_prog_dump.main, capsys, dest=str(tmp_path / dest), **args)

    return call


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, TEXT.encode()),
        ({"format": "raw"}, CODE),
        ({"format": "raw", "what": "jited"}, b"\xc3"),
        ({"opcodes": True}, TEXT.replace("2\n", "2\n       " + CODE[:8].hex(" ") + "\n").encode()[:50]),
    ],
)
def test_formats(run, tmp_path, args, expected):
    result = run(**args)
    data = (tmp_path / "dump").read_bytes()
    assert data[: len(expected)] == expected
    assert (result["changed"], result["size"], result["hints"]) == (True, len(data), [])
    assert result["sha256"] == hashlib.sha256(data).hexdigest()
    assert (result["program"]["id"], result["program"]["functions"][0]["offset"]) == (30, 0)
    assert stat.S_IMODE((tmp_path / "dump").stat().st_mode) == 0o600


def test_records_are_lines(run, tmp_path):
    run(format="records")
    lines = (tmp_path / "dump").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"insn": 0, "disasm": "(b7) r0 = 2"},
        {"insn": 1, "disasm": "(95) exit"},
    ]


def test_graph(run, tmp_path):
    run(format="dot")
    assert (tmp_path / "dump").read_text().startswith('digraph "xdp filter id 30" {')


def test_a_second_run_changes_nothing(run, tmp_path, kernel):
    run()
    before = (tmp_path / "dump").stat()
    assert run()["changed"] is False
    assert (tmp_path / "dump").stat().st_mtime_ns == before.st_mtime_ns
    kernel.objects["prog"][30].insns = CODE[8:]
    assert run()["changed"] is True
    assert os.listdir(tmp_path) == ["dump"]


def test_check_mode_tells_and_writes_nothing(run, tmp_path):
    told = run(_ansible_check_mode=True, _ansible_diff=True)
    assert os.listdir(tmp_path) == [] and told["changed"] is True
    done = run(_ansible_diff=True)
    assert (done["sha256"], done["diff"]) == (told["sha256"], told["diff"])
    assert run(_ansible_check_mode=True)["changed"] is False


def test_mode(run, tmp_path):
    run()
    assert run(mode="0640")["changed"] is True
    assert stat.S_IMODE((tmp_path / "dump").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("args", "key"),
    [({"what": "jited"}, "raw"), ({"what": "jited", "format": "records"}, "raw"), ({"format": "svg"}, "dot")],
)
def test_what_the_controller_has_to_make_is_returned(run, tmp_path, args, key):
    result = run(**args)
    assert result["program"][key] and "dest" not in result and result["changed"] is False
    assert os.listdir(tmp_path) == []


def test_what_the_controller_has_made_is_written(run, tmp_path, kernel):
    packed = base64.b64encode(zlib.compress(b"<svg/>")).decode()
    before = len(kernel.calls)
    result = run(format="svg", _content=packed)
    assert (tmp_path / "dump").read_bytes() == b"<svg/>"
    assert (result["changed"], result["size"], "program" in result) == (True, 6, False)
    # the program may be gone by now
    assert len(kernel.calls) == before
    assert run(format="svg", _content=packed)["changed"] is False


def test_which_program(run):
    assert run(name="filter")["program"]["id"] == 30
    assert run(tag="1f" * 8)["program"]["name"] == "twin"
    several = run(name="twin")["msg"]
    assert (
        several
        == "2 programs have name=twin: program 31 (xdp twin), program 32 (xdp twin); name one by id or by its pin"
    )
    missing = run(name="filtre")
    assert missing["msg"] == "there is no program with name=filtre; near: program 30 (xdp filter)"
    assert [one["id"] for one in missing["near_matches"]] == [30]
    assert "mutually exclusive" in run(id=30, name="filter")["msg"]


def test_what_cannot_be(run, kernel, tmp_path):
    assert run(".")["msg"].endswith("is a directory; name a file in it")
    os.mkfifo(tmp_path / "pipe")
    assert run("pipe")["msg"].endswith("is a device or the like, and no regular file; name another")
    os.unlink(tmp_path / "pipe")
    assert run("no/dump")["msg"].startswith(f"cannot dump the program: write {tmp_path}/no/dump: No such file")
    kernel.objects["prog"][30].info["jited_prog_len"] = 0
    kernel.objects["prog"][30].image = b""
    assert run(what="jited", format="raw")["msg"].startswith("cannot dump program 30 (xdp filter): not compiled; this")
    kernel.fault(commands.BPF_PROG_GET_FD_BY_ID, 1)
    assert run()["failure"]["name"] == "EPERM"
    assert os.listdir(tmp_path) == []


def test_code_that_is_not_told(make_kernel, run, capsys, tmp_path):
    make_kernel(capable=False).add_program(30, name=b"filter").insns = CODE
    result = run_module(bpf_prog_dump.main, capsys, id=30, dest=str(tmp_path / "dump"))
    assert result["msg"] == "cannot dump program 30 (socket_filter filter): EPERM"
