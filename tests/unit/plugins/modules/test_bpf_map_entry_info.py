# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types
from ansible_collections.ebpf.fleet.plugins.modules import bpf_map_entry_info
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(kernel, capsys):
    types = Builder()
    word = types.integer("u32", 4, 0)
    counter = types.struct(8, ("packets", word, 0), ("bytes", word, 32))
    kernel.add_btf(9, types.blob())
    entries = {struct.pack("=I", number): struct.pack("=II", number, 10 * number) for number in range(20)}
    kernel.add_map(40, name=b"table", entries=entries, btf_id=9, btf_key_type_id=word, btf_value_type_id=counter)

    def call(**args):
        return run_module(bpf_map_entry_info.main, capsys, **args)

    return call


def test_all_entries_as_btf_tells(run):
    result = run(id=40)
    assert result["entries"][3] == {"key": 3, "value": {"packets": 3, "bytes": 30}}
    assert (len(result["entries"]), result["complete"], result["next_after"]) == (20, True, None)
    assert (result["map"]["name"], result["changed"]) == ("table", False)


def test_a_limit_is_one_call(run, kernel):
    result = run(name="table", limit=5)
    assert (len(result["entries"]), result["complete"], result["next_after"]) == (5, False, 4)
    assert kernel.count(commands.BPF_MAP_LOOKUP_BATCH) == 1
    assert kernel.count(commands.BPF_MAP_LOOKUP_ELEM) == 0
    assert [entry["key"] for entry in run(id=40, next_after=17)["entries"]] == [18, 19]


def test_one_key(run):
    assert run(id=40, key="0x3")["entries"] == [{"key": 3, "value": {"packets": 3, "bytes": 30}}]
    assert run(id=40, key_raw="03000000")["entries"] == run(id=40, key=3)["entries"]
    assert run(id=40, key=99)["entries"] == []


def test_conditions(run):
    where = [{"field": "value.bytes", "op": "gt", "value": "170"}]
    assert [entry["key"] for entry in run(id=40, where=where)["entries"]] == [18, 19]


def test_forms(run):
    result = run(id=40, key_format="hex", value_format="u16", limit=2)
    assert result["entries"][1] == {"key": "01 00 00 00", "value": [1, 0, 10, 0]}


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, "one of the following is required"),
        ({"id": 40, "name": "table"}, "mutually exclusive"),
        ({"id": 40, "key": 1, "next_after": 1}, "mutually exclusive"),
        ({"id": 41}, "there is no map with id=41"),
        ({"name": "tabel"}, "there is no map with name=tabel; near: 40 (hash table)"),
        ({"id": 40, "key": "x"}, "map 40 (hash table): key: 'x' is no integer"),
        ({"id": 40, "key_format": "ipv6"}, "key_format: ipv6 is 16 bytes"),
        ({"id": 40, "where": [{"field": "value.port", "value": 1}]}, "there is no field port"),
        ({"id": 40, "where": [{"field": "port", "value": 1}]}, "a field begins with"),
        ({"id": 40, "next_after": 77}, "that key is not in the map any more"),
        ({"id": 40, "value": 1}, "is for bloom filters"),
        ({"id": 40, "limit": 0}, "limit: 0 is no number of entries"),
        ({"pinned": "/nowhere"}, "there is no map with pinned=/nowhere"),
    ],
)
def test_what_cannot_be(run, args, text):
    result = run(**args)
    assert result["failed"]
    assert text in result["msg"]


def test_a_bloom_filter(run, kernel):
    kernel.add_map(50, type=map_types.BLOOM_FILTER, key_size=0, value_size=4).queue = [b"here"]
    told = run(id=50, value="here", value_format="string")["entries"]
    assert told == [{"key": None, "value": "here", "member": True}]
    assert run(id=50, value="away", value_format="string")["entries"][0]["member"] is False
    kernel.fault(commands.BPF_MAP_GET_NEXT_KEY, 95)
    assert "ask with value" in run(id=50)["msg"]


def test_storage_of_a_task(run, kernel):
    made = kernel.add_map(51, type=map_types.TASK_STORAGE, key_size=4, value_size=4)
    kernel.before(commands.BPF_MAP_LOOKUP_ELEM, lambda call: made.entries.update({_key(call): b"mine"}))
    found = run(id=51, key={"pid": os.getpid()}, value_format="string")
    assert found["entries"] == [{"key": {"pid": os.getpid()}, "value": "mine"}]
    for wrong in (5, {"path": "/"}, {"pid": 1, "fd": 2}):
        assert "key: needs a dict with pid" in run(id=51, key=wrong)["msg"]
    assert "key.pid: 'me' is no integer" in run(id=51, key={"pid": "me"})["msg"]
    kernel.fault(commands.BPF_MAP_GET_NEXT_KEY, 524)
    assert "cannot be listed: look one up with key {pid: ...}" in run(id=51)["msg"]


def _key(call):
    import ctypes

    return ctypes.string_at(struct.unpack_from("=Q", call.attr, 8)[0], 4)


def test_maps_in_a_map(run, kernel):
    inner = {struct.pack("=I", 0): struct.pack("=I", 40), struct.pack("=I", 1): struct.pack("=I", 99)}
    kernel.add_map(60, type=map_types.HASH_OF_MAPS, entries=inner, value_size=4)
    plain = run(id=60, key_format="u32")["entries"]
    assert plain == [{"key": 0, "value": {"id": 40}}, {"key": 1, "value": {"id": 99}}]
    here, gone = run(id=60, recurse=True, limit=6)["entries"]
    assert (here["inner"]["id"], here["inner"]["complete"], len(here["inner"]["entries"])) == (40, False, 6)
    assert (gone["inner"], gone["unavailable"]) == (None, {"inner": "ENOENT"})


def test_without_rights(run, kernel):
    kernel.can_list = False
    result = run(id=40)
    assert result["failure"]["call"] == "BPF_MAP_GET_FD_BY_ID"
    assert result["msg"].startswith("cannot open the map: ")
