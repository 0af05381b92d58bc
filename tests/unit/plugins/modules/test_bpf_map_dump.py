# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types
from ansible_collections.ebpf.fleet.plugins.modules import bpf_map_dump, bpf_map_entry_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(kernel, capsys, tmp_path):
    entries = {struct.pack("=I", number): struct.pack("=II", number, 10 * number) for number in range(20)}
    kernel.add_map(40, name=b"table", entries=entries)

    def call(dest="dump", **args):
        return run_module(bpf_map_dump.main, capsys, id=40, dest=str(tmp_path / dest), **args)

    return call


def test_a_line_an_entry(run, tmp_path, capsys):
    result = run()
    data = (tmp_path / "dump").read_bytes()
    entries = run_module(bpf_map_entry_info.main, capsys, id=40)["entries"]
    assert [json.loads(line) for line in data.splitlines()] == entries
    assert (result["changed"], result["count"], result["complete"]) == (True, 20, True)
    assert (result["sha256"], result["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert result["map"]["name"] == "table"
    assert stat.S_IMODE((tmp_path / "dump").stat().st_mode) == 0o600


def test_a_second_run_changes_nothing(run, tmp_path, kernel):
    run()
    before = (tmp_path / "dump").stat()
    assert run()["changed"] is False
    assert (tmp_path / "dump").stat().st_mtime_ns == before.st_mtime_ns
    kernel.objects["map"][40].entries[bytes(4)] = bytes(8).replace(b"\0", b"\1")
    assert run()["changed"] is True
    assert os.listdir(tmp_path) == ["dump"]


def test_check_mode_tells_and_writes_nothing(run, tmp_path):
    told = run(_ansible_check_mode=True, _ansible_diff=True)
    assert os.listdir(tmp_path) == []
    assert (told["changed"], told["count"]) == (True, 20)
    done = run(_ansible_diff=True)
    assert (done["sha256"], done["diff"]) == (told["sha256"], told["diff"])
    assert done["diff"] == {"before": {"sha256": None}, "after": {"sha256": done["sha256"]}}
    assert run(_ansible_check_mode=True)["changed"] is False


def test_packed(run, tmp_path):
    result = run(gzip=True, key_format="u32", value_format="hex")
    data = (tmp_path / "dump").read_bytes()
    assert result["sha256"] == hashlib.sha256(data).hexdigest()
    first = json.loads(gzip.decompress(data).splitlines()[0])
    assert first == {"key": 0, "value": "00 00 00 00 00 00 00 00"}
    assert run(gzip=True, key_format="u32", value_format="hex")["changed"] is False


def test_mode(run, tmp_path):
    assert run(mode="0640")["changed"] is True
    assert stat.S_IMODE((tmp_path / "dump").stat().st_mode) == 0o640
    assert run()["changed"] is False
    assert run(mode="0600")["changed"] is True


def test_an_empty_map_is_an_empty_file(run, tmp_path, kernel):
    kernel.objects["map"][40].entries.clear()
    assert (run()["count"], (tmp_path / "dump").read_bytes()) == (0, b"")


def test_a_queue_is_not_dumped_whole(run, kernel):
    kernel.objects["map"][40].info.update(type=map_types.QUEUE, key_size=0)
    kernel.objects["map"][40].queue = [b"12345678"]
    result = run()
    assert (result["complete"], result["count"]) == (False, 1)
    assert "complete is false" in str(result["warnings"])


def test_what_cannot_be(run, kernel, tmp_path):
    assert run(".")["msg"].endswith("is a directory; name a file in it")
    os.mkfifo(tmp_path / "pipe")
    assert run("pipe")["msg"].endswith("is a device or the like, and no regular file; name another")
    os.unlink(tmp_path / "pipe")
    missing = run("no/dump")
    assert missing["msg"].startswith(f"cannot write map 40 (hash table): write {tmp_path}/no/dump: No such file")
    assert missing["failure"]["call"] == f"write {tmp_path}/no/dump"
    assert "key_format: mac is for 6 bytes" in run(key_format="mac")["msg"]
    kernel.fault(commands.BPF_MAP_LOOKUP_BATCH, 1)
    assert run()["failure"]["name"] == "EPERM"
    assert os.listdir(tmp_path) == []
