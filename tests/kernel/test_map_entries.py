# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in maps, against bpftool on the same map and against what was put in."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import re
import socket
import struct
import threading
from pathlib import Path

import contents
import objects
import pytest
from modules import ModuleFailed, run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.fd import Fd
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map as bpf_map
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_fill
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types

BYTES = {"key_format": "hex", "value_format": "hex"}
#: Where the typed values of bpftool 7.1 are wrong or are not there, and why.
NOT_COMPARED = {
    "m_outer": "the values are ids of maps, which bpftool prints as bytes",
    "m_tail_calls": "the values are ids of programs, which bpftool prints as bytes",
}


def read(fd, **args) -> dict:
    return run_module("bpf_map_entry_info", dict(id=objects.object_id(fd), **args))


def refused(fd, **args) -> str:
    with pytest.raises(ModuleFailed) as caught:
        read(fd, **args)
    return caught.value.result["msg"]


# ---- every readable type against bpftool


@pytest.mark.parametrize("name", sorted(contents.PLAIN))
def test_bytes_are_those_that_bpftool_prints(bpftool, name):
    with contents.PLAIN[name].create() as fd:
        contents.filled(name, fd)
        told = read(fd, **BYTES)
        assert told["complete"] is True
        assert told["entries"] == contents.plain(contents.dumped(objects.object_id(fd)))
        assert told["entries"] != []


@pytest.mark.parametrize("name", sorted(contents.PLAIN))
def test_a_dump_has_the_same_entries(tmp_path, name):
    with contents.PLAIN[name].create() as fd:
        contents.filled(name, fd)
        for form in ({}, BYTES):
            told = run_module("bpf_map_dump", dict(form, id=objects.object_id(fd), dest=str(tmp_path / "dump")))
            lines = (tmp_path / "dump").read_text().splitlines()
            assert [json.loads(line) for line in lines] == read(fd, **form)["entries"]
            assert told["count"] == len(lines)


def typed_pins(compiled):
    """Return the maps of tests/bpf by name."""
    return {path.name: path for path in sorted((compiled / "maps" / "map").iterdir())}


def test_typed_values_are_those_that_bpftool_prints(compiled, bpftool):
    compared = set()
    for name, path in typed_pins(compiled).items():
        if name in NOT_COMPARED:
            continue
        told = run_module("bpf_map_entry_info", {"pinned": str(path)})
        number = told["map"]["id"]
        if name == "m_counters":
            with objects.open_pin(path) as fd:
                contents.fill_many(fd, 20, 4, 16)
            told = run_module("bpf_map_entry_info", {"pinned": str(path)})
        printed = [entry["formatted"] for entry in contents.dumped(number) if "formatted" in entry]
        if told["map"]["type"] == "array" and told["map"]["max_entries"] == 1:
            section = printed[0]["value"]
            variables = {key: value for part in section.values() for one in part for key, value in one.items()}
            mine = told["entries"][0]["value"]
            assert {key: mine[key] for key in variables if not isinstance(variables[key], list)} == {
                key: value for key, value in variables.items() if not isinstance(value, list)
            }, name
        elif "per_cpu" in told["entries"][0] if told["entries"] else False:
            mine = [(entry["key"], [slot["value"] for slot in entry["per_cpu"]]) for entry in told["entries"]]
            assert mine == [(entry["key"], [slot["value"] for slot in entry["values"]]) for entry in printed], name
        else:
            mine = [(entry["key"], entry["value"]) for entry in told["entries"]]
            assert mine == [(entry["key"], entry["value"]) for entry in printed], name
        compared.add(name)
    assert {"m_counters", "m_guarded", "m_per_cpu"} < compared


def test_global_data_has_the_names_of_the_variables(compiled):
    pins = typed_pins(compiled)
    (rodata,) = [path for name, path in pins.items() if "rodata" in name]
    (entry,) = run_module("bpf_map_entry_info", {"pinned": str(rodata)})["entries"]
    assert (entry["value"]["limit"], entry["value"]["bpf_metadata_owner"]) == (1500, "fleet tests")
    assert entry["key"] == "00 00 00 00"


def test_programs_and_maps_in_maps(compiled):
    with objects.Map(map_types.PROG_ARRAY, entries=4).create() as fd, contents.program() as program:
        objects.update(fd, struct.pack("=I", 2), struct.pack("=I", program.number))
        (entry,) = read(fd, key_format="u32")["entries"]
        assert entry == {"key": 2, "value": {"id": objects.object_id(program)}}
    shape = objects.Map(map_types.ARRAY, entries=2)
    for kind in (map_types.HASH_OF_MAPS, map_types.ARRAY_OF_MAPS):
        with objects.Map(kind, entries=4, inner=shape).create() as fd, shape.create() as inner:
            objects.update(inner, struct.pack("=I", 1), b"data")
            objects.update(fd, struct.pack("=I", 2), struct.pack("=I", inner.number))
            (entry,) = read(fd, key_format="u32", recurse=True)["entries"]
            assert (entry["key"], entry["value"]) == (2, {"id": objects.object_id(inner)})
            assert [one["value"] for one in entry["inner"]["entries"]] == ["00 00 00 00", "64 61 74 61"]
            assert entry["inner"]["complete"] is True


@pytest.mark.parametrize("there", [(0, 2), (1, 3), ()])
def test_an_array_of_maps_with_empty_slots(there):
    shape = objects.Map(map_types.ARRAY, entries=2)
    with objects.Map(map_types.ARRAY_OF_MAPS, entries=4, inner=shape).create() as fd, shape.create() as inner:
        for number in there:
            objects.update(fd, struct.pack("=I", number), struct.pack("=I", inner.number))
        told = read(fd, key_format="u32")
        assert ([entry["key"] for entry in told["entries"]], told["complete"]) == (list(there), True)
        info = bpf_map.Reader(fdinfo=False).read(0, fd.number).info
        assert map_fill.fill(fd.number, info) == (len(there), "exact", 0)


@pytest.mark.parametrize(("kind", "first"), [(map_types.QUEUE, "old "), (map_types.STACK, "new ")])
def test_the_next_value_of_a_queue_is_only_looked_at(kind, first):
    with objects.Map(kind, key=0, entries=4).create() as fd:
        assert (read(fd)["entries"], read(fd)["complete"]) == ([], True)
        contents.push(fd, b"old ")
        contents.push(fd, b"new ")
        for _turn in range(2):
            told = read(fd, value_format="string")
            assert (told["entries"], told["complete"]) == ([{"key": None, "value": first}], False)


def test_a_bloom_filter_is_asked():
    with objects.Map(map_types.BLOOM_FILTER, key=0, extra=3, entries=8).create() as fd:
        contents.push(fd, b"here")
        assert read(fd, value="here", value_format="string")["entries"][0]["member"] is True
        assert read(fd, value="away", value_format="string")["entries"][0]["member"] is False
        assert "ask with value" in refused(fd)


def test_sockets_tell_their_cookies():
    # SO_COOKIE has no name in Python
    cookie = 57
    with objects.Map(map_types.SOCKMAP, value=8, entries=4).create() as fd, socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname()) as client:
            objects.update(fd, struct.pack("=I", 1), struct.pack("=Q", client.fileno()))
            wanted = struct.unpack("=Q", client.getsockopt(socket.SOL_SOCKET, cookie, 8))[0]
            assert read(fd, key_format="u32")["entries"] == [{"key": 1, "value": {"cookie": wanted}}]


# ---- local storage


def _storage(name, key):
    shape = objects.maps()[name]
    try:
        fd = shape.create()
    except KernelError as error:
        pytest.skip(f"this kernel makes no {name}: {error}")
    objects.update(fd, struct.pack("=i", key), struct.pack("=i", 4711))
    return fd


def test_storage_of_a_task():
    with Fd(syscall.pidfd_open(os.getpid())) as process, _storage("task_storage", process.number) as fd:
        key = {"pid": os.getpid()}
        assert read(fd, key=key)["entries"] == [{"key": key, "value": 4711}]
        assert read(fd, key={"pid": os.getppid()})["entries"] == []
        assert "look one up with key {pid: ...}" in refused(fd)


def test_storage_of_a_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    with path.open() as held, _storage("inode_storage", held.fileno()) as fd:
        assert read(fd, key={"path": str(path)})["entries"] == [{"key": {"path": str(path)}, "value": 4711}]
        assert read(fd, key={"path": str(tmp_path)})["entries"] == []


def test_storage_of_a_control_group():
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    root = next((fields[1] for fields in mounts if fields[2] in ("cgroup2", "cgroup")), None)
    if root is None:
        pytest.skip("no control groups are mounted here")
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    with Fd(folder) as held, _storage("cgrp_storage", held.number) as fd:
        key = {"cgroup": root}
        assert read(fd, key=key)["entries"] == [{"key": key, "value": 4711}]
        assert "look one up with key {cgroup: ...}" in refused(fd)


def test_storage_of_sockets():
    with socket.socket() as one, socket.socket(), _storage("sk_storage", one.fileno()) as fd:
        wanted = [{"key": {"pid": os.getpid(), "fd": one.fileno()}, "value": 4711}]
        assert read(fd, key={"pid": os.getpid(), "fd": one.fileno()})["entries"] == wanted
        assert read(fd, key={"pid": os.getpid()})["entries"] == wanted


# ---- what cannot be read


SILENT = ("perf_event_array", "cgroup_array", "xskmap", "sockmap", "ringbuf", "user_ringbuf", "arena", "sk_storage")


@pytest.mark.parametrize("name", SILENT)
def test_what_cannot_be_read_is_said_and_no_empty_list(handmade, tmp_path, name):
    if name not in handmade[0]:
        pytest.skip("this kernel does not have it")
    fd = handmade[0][name]
    text = refused(fd)
    assert re.match(rf"cannot read the entries of map \d+ \({name} fleet_test\): \w+ ", text)
    with pytest.raises(ModuleFailed, match="cannot read the entries"):
        run_module("bpf_map_dump", {"id": objects.object_id(fd), "dest": str(tmp_path / "dump")})
    assert list(tmp_path.iterdir()) == []


def test_every_type_is_read_or_refused_with_a_sentence(handmade):
    for name, fd in handmade[0].items():
        try:
            told = read(fd)
        except ModuleFailed as failed:
            assert "cannot read the entries of map" in failed.result["msg"], name
            assert failed.result["failure"]["name"], name
        else:
            assert told["complete"] is True, name


# ---- parts of a map


def test_a_limit_and_the_pages_behind_it():
    with objects.Map(map_types.HASH, entries=500).create() as fd:
        contents.fill_many(fd, 450, 4, 4)
        seen, after = [], {}
        for _turn in range(10):
            told = read(fd, limit=100, key_format="u32", **after)
            seen += [entry["key"] for entry in told["entries"]]
            if told["complete"]:
                break
            after = {"next_after": told["next_after"]}
        assert sorted(seen) == list(range(450))
        assert "not in the map any more" in refused(fd, next_after=9999, key_format="u32")


def test_a_prefix_is_looked_up_exactly():
    with objects.Map(map_types.LPM_TRIE, key=8, entries=9, flags=1).create() as fd:
        for bits, address, value in ((8, (10, 9, 9, 9), b"wide"), (16, (10, 9, 0, 0), b"near")):
            objects.update(fd, struct.pack("=I", bits) + bytes(address), value)
        forms = {"key_format": "cidr", "value_format": "string"}
        assert read(fd, key="10.9.0.0/16", **forms)["entries"] == [{"key": "10.9.0.0/16", "value": "near"}]
        # the kernel would answer with the prefix that covers it
        assert read(fd, key="10.9.1.0/24", **forms)["entries"] == []
        (wide,) = read(fd, key="10.0.0.0/8", **forms)["entries"]
        assert (wide["value"], wide["key_raw"]) == ("wide", "08 00 00 00 0a 09 09 09")


def test_conditions_are_judged_on_the_target():
    with objects.Map(map_types.HASH, entries=20000).create() as fd:
        contents.fill_many(fd, 20000, 4, 4)
        forms = {"key_format": "u32", "value_format": "u32"}
        told = read(fd, where=[{"field": "value", "op": "in", "value": [5, 19999]}], **forms)
        assert sorted(entry["key"] for entry in told["entries"]) == [5, 19999]


# ---- while others write


class Writer(threading.Thread):
    """Adds and deletes entries above ``first`` until it is stopped."""

    def __init__(self, fd, first: int, key_size: int = 4) -> None:
        super().__init__(daemon=True)
        self.fd, self.first, self.key_size = fd, first, key_size
        self.turns, self.over = 0, threading.Event()

    def key(self, number: int) -> bytes:
        prefix = struct.pack("=I", 32) if self.key_size == 8 else b""
        return prefix + struct.pack(">I", self.first + number)

    def run(self) -> None:
        dice = random.Random(1)
        there: list[bytes] = []
        while not self.over.is_set():
            if len(there) < 300 or (len(there) < 600 and dice.random() < 0.5):
                there.append(self.key(dice.randrange(100000)))
                objects.update(self.fd, there[-1], b"none")
            else:
                try:
                    contents.delete(self.fd, there.pop(dice.randrange(len(there))))
                except KernelError:
                    continue  # the same key came twice
            self.turns += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        self.join()


SHAPES = {
    "hash": objects.Map(map_types.HASH, entries=4000),
    "hash without preallocation": objects.Map(map_types.HASH, entries=4000, flags=1),
    "lpm_trie": objects.Map(map_types.LPM_TRIE, key=8, entries=4000, flags=1),
}


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_entries_that_stay_are_told_once_while_others_come_and_go(name, tmp_path):
    shape = SHAPES[name]
    stay = [
        struct.pack("=I", 32) + struct.pack(">I", n) if shape.key == 8 else struct.pack("=I", n) for n in range(2000)
    ]
    with shape.create() as fd:
        for key in stay:
            objects.update(fd, key, b"stay")
        wanted = {key.hex(" ") for key in stay}
        with Writer(fd, 1 << 20, shape.key) as writer:
            for _turn in range(3):
                told = run_module("bpf_map_dump", dict(BYTES, id=objects.object_id(fd), dest=str(tmp_path / "dump")))
                entries = [json.loads(line) for line in (tmp_path / "dump").read_text().splitlines()]
                keys = [entry["key"] for entry in entries]
                assert told["complete"] is True
                assert len(keys) == len(set(keys)) == told["count"]
                assert wanted <= set(keys)
        assert writer.turns > 1000


# ---- files


def test_a_dump_changes_by_its_content(tmp_path):
    dest = tmp_path / "dump"
    with objects.Map(map_types.ARRAY, entries=9).create() as fd:
        args = {"id": objects.object_id(fd), "dest": str(dest)}
        checked = run_module("bpf_map_dump", dict(args, _ansible_check_mode=True))
        assert (checked["changed"], dest.exists()) == (True, False)
        first = run_module("bpf_map_dump", args)
        assert (first["changed"], first["sha256"]) == (True, checked["sha256"])
        assert first["sha256"] == hashlib.sha256(dest.read_bytes()).hexdigest()
        assert run_module("bpf_map_dump", args)["changed"] is False
        objects.update(fd, struct.pack("=I", 3), b"new!")
        assert run_module("bpf_map_dump", dict(args, _ansible_check_mode=True))["changed"] is True
        assert run_module("bpf_map_dump", args)["changed"] is True
        packed = run_module("bpf_map_dump", dict(args, dest=str(dest) + ".gz", gzip=True))
        assert gzip.decompress((tmp_path / "dump.gz").read_bytes()) == dest.read_bytes()
        assert packed["size"] == (tmp_path / "dump.gz").stat().st_size


# ---- how full


@pytest.mark.parametrize(("room", "count"), [(60000, 40000), (200000, 150000), (200000, 500), (1 << 20, 300000)])
def test_how_full_a_hash_is(room, count):
    with objects.Map(map_types.HASH, entries=room).create() as fd:
        contents.fill_many(fd, count, 4, 4)
        info = bpf_map.Reader(fdinfo=False).read(0, fd.number).info
        told = [map_fill.fill(fd.number, info, map_fill.Budget(seconds=60)) for _turn in range(10)]
    for fill in told:
        assert fill.method == ("exact" if room <= 65536 or count == 500 else "sampled")
        # three times what 19 of 20 keep to
        assert abs(fill.count - count) <= 3 * fill.error


def test_how_full_every_map_is(handmade):
    records = {one["id"]: one for one in run_module("bpf_map_info", {"include": ["fill"]})["maps"]}
    for name, fd in handmade[0].items():
        record = records[objects.object_id(fd)]
        if record["fill"] is None:
            assert record["unavailable"]["fill"], name
        else:
            assert record["fill"]["count"] <= max(record["max_entries"], 0), name
