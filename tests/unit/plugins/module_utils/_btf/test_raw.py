# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import raw
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind


@pytest.mark.parametrize("order", ["little", "big"])
def test_captured_blobs_are_what_bpftool_printed(order):
    # bpftool 7.1 puts a sign before constants of 32 bits that have none; these blobs have none so large.
    assert raw.text(Spec(captures.captured(order + ".btf"))) == captures.captured(order + ".json").decode().strip()


@pytest.mark.parametrize("order", ["little", "big"])
def test_every_kind(order, tmp_path):
    builder = every_kind(order)
    printed = json.loads(raw.text(builder.spec()))["types"]
    assert {entry["kind"] for entry in printed} == {*raw.kinds.NAMES} - {"UNKN"}
    if captures.missing_tools():
        pytest.skip("not installed: " + ", ".join(captures.missing_tools()))
    path = tmp_path / "blob.btf"
    path.write_bytes(builder.blob())
    assert printed == json.loads(captures.bpftool_dump(path))["types"]


def test_some_types():
    printed = json.loads(raw.text(every_kind().spec(), [2, 1]))["types"]
    assert [entry["id"] for entry in printed] == [2, 1]


def test_split_has_its_own_types_only():
    base = Builder()
    base.integer("n")
    builder = Builder(base=base)
    builder.pointer(1)
    assert json.loads(raw.text(builder.spec())) == {"types": [{"id": 2, "kind": "PTR", "name": "(anon)", "type_id": 1}]}


def test_numbers_that_have_no_name():
    builder = Builder()
    builder.integer(encoding=3)
    builder.function("f", 0, 9)
    builder.add(25, "novel", 8)
    entries = [raw.entry(builder.spec(layout=[(0, 0)] * 26), number) for number in (1, 2, 3)]
    assert [entries[0]["encoding"], entries[1]["linkage"], entries[2]["kind"]] == ["UNKN", "(unknown)", "25"]


def test_damage():
    builder = Builder()
    builder.integer()
    builder.types = builder.types[:-4]
    with pytest.raises(BtfError, match="at byte 24"):
        raw.text(builder.spec())
