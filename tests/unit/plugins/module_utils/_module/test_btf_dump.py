# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import gzip
import json

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import btf_dump
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind

NOTHING = dict.fromkeys(("id", "name", "program", "map", "file", "base", "dump", "types"))


def read(include=(), **params):
    return btf_dump.read(Selector({**NOTHING, "compress": False, "required": False, **params}), include)


@pytest.fixture
def used(kernel):
    base = Builder()
    base.integer("n")
    split = Builder(base=base)
    split.struct(4, ("n", 1, 0), name="own")
    kernel.add_btf(1, blob=base.blob(), name=b"vmlinux", kernel=1)
    kernel.add_btf(2, blob=split.blob(), name=b"module", kernel=1)
    kernel.add_btf(60, blob=every_kind().blob())
    kernel.add_program(30, btf_id=60, name=b"balancer")
    kernel.add_program(31, name=b"plain")
    kernel.add_map(40, btf_id=60, name=b"table")
    return kernel


def test_everything_is_what_is_near(used):
    assert [record["id"] for record in btf_dump.read()] == [1, 2, 60]


def test_by_program_or_map(used):
    for given in ({"program": {"id": 30}}, {"program": {"name": "balancer"}}, {"map": {"name": "table"}}):
        assert [record["id"] for record in read(**given)] == [60]
    assert read(program={"id": 31}) == read(program={"id": 99}) == read(map={"name": "tabl"}) == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"program": {"id": 99}, "required": True}, "there is no program with id=99"),
        ({"program": {"id": 31}, "dump": "c"}, "the program with id=31 was loaded without BTF"),
        ({"dump": "c"}, r"of one BTF object, but 3 match \(1, 2, 60\): give an id"),
        ({"id": 60, "dump": "c", "types": ["recrd"]}, r"BTF 60 \(of a program\): no type is called 'recrd'; near: rec"),
        ({"file": "/nowhere/x.o"}, "there is no file /nowhere/x.o"),
    ],
)
def test_what_cannot_be_dumped(used, params, reason):
    with pytest.raises(btf_dump.CannotDump, match=reason):
        read(**params)


def test_dumps(used):
    (record,) = read(id=60, dump="raw")
    assert len(json.loads(record["dump"])["types"]) == every_kind().next_id - 1
    (record,) = read(name="vmlinux", dump="c")
    assert "__VMLINUX_H__" in record["dump"]


def test_some_types(used):
    (record,) = read(id=60, dump="raw", types=["struct bits"])
    assert [entry["name"] for entry in json.loads(record["dump"])["types"]] == ["n", "bits"]
    (record,) = read(id=60, dump="c", types=["bits"])
    assert "struct bits {" in record["dump"] and "record_t" not in record["dump"]


def test_a_module_goes_on_from_vmlinux(used):
    (record,) = read(name="module", dump="c")
    assert "struct own {\n\tint n;\n}" in record["dump"]


def test_a_module_without_vmlinux(used):
    used.remove(used.objects["btf"][1])
    with pytest.raises(btf_dump.CannotDump, match=r"BTF 2 \(module\): the kernel lists no vmlinux"):
        read(name="module", dump="c")


def test_long_dumps_are_refused_or_compressed(used, monkeypatch):
    (plain,) = read(id=60, dump="c")
    monkeypatch.setattr(btf_dump, "_MAX_TEXT", 100)
    with pytest.raises(btf_dump.CannotDump, match=r"name the types that matter \(types\), or take it compressed"):
        read(id=60, dump="c")
    (packed,) = read(id=60, dump="c", compress=True)
    assert gzip.decompress(base64.b64decode(packed["dump"])).decode() == plain["dump"]


def test_files(tmp_path):
    base = Builder()
    base.integer("n")
    split = Builder(base=base)
    split.struct(4, ("n", 1, 0), name="own")
    for name, builder in (("base", base), ("split", split)):
        (tmp_path / name).write_bytes(builder.blob())
    path = str(tmp_path / "split")
    with pytest.raises(btf_dump.CannotDump, match=f"cannot read the BTF of {path}: this BTF is split"):
        read(file=path, dump="c")
    (record,) = read(file=path, base=str(tmp_path / "base"), dump="c", include=["pids"])
    assert "struct own" in record.pop("dump")
    assert (record["file"], record["size"], record["id"]) == (path, len(split.blob()), None)
    assert record["unavailable"]["pids"] == "read from a file" and "size" not in record["unavailable"]


def test_damage(used):
    used.add_btf(61, blob=b"\x9f\xeb\1\0\0")
    with pytest.raises(
        btf_dump.CannotDump, match=r"cannot dump BTF 61 \(of a program\): the header is cut off at byte"
    ):
        read(id=61, dump="raw")
