# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext, kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import cpus
from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_wanted import Wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._module.pin_place import Refusal

HASH = {"type": "hash", "max_entries": 8}
FLOWS = (
    "struct inner { int (*type)[2]; int (*max_entries)[8]; unsigned *key; unsigned long *value; };"
    "struct { int (*type)[%d]; int (*max_entries)[64]; int (*map_flags)[1]; "
    "unsigned *key; struct { short a; } *value; %s};"
)


@pytest.fixture(autouse=True)
def four_cpus(monkeypatch):
    monkeypatch.setattr(cpus, "possible", lambda: [0, 1, 2, 3])


def wanted(**params):
    return Wanted({**dict.fromkeys(map_wanted.SPEC), **params})


@pytest.fixture
def object_file(tmp_path):
    """Makes a file with BTF alone that declares a map called flows."""

    def make(number=1, more="", order=sys.byteorder):
        parser = ctext.Parser(order)
        type_id = parser.read(FLOWS % (number, more))
        variable = parser.writer.add(kinds.VAR, "flows_with_a_long_name", type_id, words=[1])
        parser.writer.add(kinds.DATASEC, ".maps", 0, 1, words=[variable, 0, 8])
        path = tmp_path / "object.o"
        path.write_bytes(parser.writer.blob())
        return {"object": str(path), "object_map": "flows_with_a_long_name"}

    return make


def test_nothing_is_declared():
    task = wanted()
    assert task.definition == task.kept() == {} and task.btf == b""


def test_plain_sizes():
    task = wanted(key_size=4, value_size=8, flags=["zero_seed"], **HASH)
    assert task.definition == {"type": "hash", "key_size": 4, "value_size": 8, "max_entries": 8, "flags": ["zero_seed"]}
    assert task.btf == b""


def test_types_and_their_sizes():
    task = wanted(types="struct s { __u16 a; };", key_type="struct s", value_type="__u64", value_size=8, **HASH)
    told = task.definition
    assert (told["key_size"], told["value_size"]) == (2, 8)
    assert (told["key_type"], told["value_type"]) == ("struct {u16 a @0; 2 bytes}", "u64")
    spec = Spec(task.btf)
    assert spec.order == sys.byteorder and spec.kind(task.key) == kinds.STRUCT and spec.name(task.value) == "__u64"


def test_a_bloom_filter_has_values_alone():
    task = wanted(type="bloom_filter", value_type="__u64", max_entries=8)
    assert task.key == 0 and task.value and task.definition["value_size"] == 8


def test_types_are_compared_alone_too():
    assert wanted(value_type="__u64").definition == {"value_type": "u64", "value_size": 8}


def test_entries_as_the_kernel_rounds_them():
    task = wanted(type="lru_hash", key_size=4, value_size=4, max_entries=10, flags=["no_common_lru"])
    assert task.definition["max_entries"] == 10 and task.kept()["max_entries"] == 12


def test_maps_within():
    inner = {"type": "array", "key_size": None, "value_size": 4, "max_entries": 2, "flags": None}
    task = wanted(type="array_of_maps", max_entries=2, inner_map=inner)
    assert task.definition["inner_map"] == {
        "type": "array", "key_size": 4, "value_size": 4, "max_entries": 2, "flags": []
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"types": "int x"}, "neither is given"),
        ({"key_type": "__u32", **HASH}, "take key_type and value_type together, not key_type"),
        ({"key_type": "__u32", "value_type": "__u32", "type": "queue"}, "maps of type queue take no types"),
        ({"key_type": "__u32", "value_type": "struct {"}, "^value_type: .*line 1"),
        ({"key_type": "__u32", "value_type": "struct s"}, "value_type of the task has no size"),
        ({"key_type": "", "value_type": "int"}, "key_type: it declares no type"),
        ({"types": "struct s {", "value_type": "struct s"}, "^types: "),
        ({"value_type": "__u32", "value_size": 8}, "value_size is 8, but the type of the task has 4 bytes"),
        (
            {"types": "struct bpf_list_head { long a; };", "key_type": "int", "value_type": "struct bpf_list_head"},
            "cannot be those of a map: .*bpf_list_head",
        ),
    ],
)
def test_types_that_do_not_do(params, words):
    with pytest.raises(Refusal, match=words):
        wanted(**params)


def test_an_object_file(object_file):
    task = wanted(**object_file())
    assert task.definition == {
        "type": "hash",
        "key_size": 4,
        "value_size": 2,
        "max_entries": 64,
        "flags": ["no_prealloc"],
        "name": "flows_with_a_lo",
        "key_type": "u32",
        "value_type": "struct {s16 a @0; 2 bytes}",
    }
    assert Spec(task.btf).kind(task.value) == kinds.STRUCT


def test_options_go_before_an_object_file(object_file):
    task = wanted(max_entries=5, name="mine", flags=[], **object_file())
    assert (task.definition["max_entries"], task.definition["name"], task.definition["flags"]) == (5, "mine", [])
    with pytest.raises(Refusal, match=r"value_size is 9, but the type of .*object\.o has 2 bytes"):
        wanted(value_size=9, **object_file())


def test_maps_within_and_maps_without_types_in_an_object_file(object_file):
    told = wanted(**object_file(12, "struct inner *values[]; ")).definition
    assert told["inner_map"] == {"type": "array", "key_size": 4, "value_size": 8, "max_entries": 8, "flags": []}
    task = wanted(**object_file(22))
    assert task.btf == b"" and "key_type" not in task.definition and task.definition["value_size"] == 2


def test_object_files_that_do_not_do(object_file, tmp_path):
    there = object_file()
    with pytest.raises(Refusal, match="there is no file"):
        wanted(object=str(tmp_path / "none"), object_map="x")
    with pytest.raises(Refusal, match=r"cannot take map x from .*: it declares no map x in \.maps; there are: flows"):
        wanted(**dict(there, object_map="x"))
    (tmp_path / "object.o").write_bytes(b"\x7fELF")
    with pytest.raises(Refusal, match="cannot take map"):
        wanted(**there)
    other = "big" if sys.byteorder == "little" else "little"
    with pytest.raises(Refusal, match="other byte order"):
        wanted(**object_file(order=other))


def test_members_of_structs_are_types_too():
    text = wanted(key_type="struct { __u8 address[16]; __u16 port; }", value_type="struct { __u32 a : 3; }", **HASH)
    task = wanted(key_type={"address": "__u8[16]", "port": "__u16"}, value_type={"a": "__u32:3"}, **HASH)
    assert task.definition == text.definition and task.btf == text.btf
    with pytest.raises(Refusal, match=r"^value_type: a: takes the name of a type, or a mapping"):
        wanted(key_type="int", value_type={"a": "struct { int b; }"}, **HASH)


def test_the_memory_of_a_map_is_on_a_node():
    task = wanted(key_size=4, value_size=8, flags=["zero_seed"], numa_node=0, **HASH)
    assert (task.numa_node, task.definition["flags"]) == (0, ["numa_node", "zero_seed"])
    assert wanted(numa_node=1).definition == {}
    for number in (-1, (1 << 32) - 1):
        with pytest.raises(Refusal, match="is no number of a node"):
            wanted(numa_node=number)
