# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maps of every type: what bpf_map_info tells, beside what bpftool and fdinfo tell."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import objects
import oracle
import pytest
from modules import run_module
from vmlinux import vmlinux

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import maps
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, map
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_flags, map_types, prog_types


def read(*include: str) -> dict[int, dict]:
    return {record["id"]: record for record in maps.read(None, include)}


def of_pins(place: Path) -> dict[str, int]:
    """Return name of the pin -> id of every map below a folder."""
    return {path.name: number for path, (kind, number) in objects.pinned_ids(place).items() if kind == "map"}


def test_one_map_of_every_type_of_the_kernel_can_be_made():
    kernel = vmlinux()
    if kernel is None:
        pytest.skip("this kernel was built without BTF: nothing says which types it knows")
    known = {number for name, number in kernel.enum("bpf_map_type").items() if name.startswith("BPF_MAP_TYPE_")}
    shapes, failed = objects.maps(), []
    for name in [name for number, name in enumerate(map_types.NAMES) if number and number in known]:
        excuse = objects.NOT_CREATABLE.get(name)
        try:
            with shapes[name].create():
                pass
        except KernelError as error:
            if not (excuse and excuse.covers(error.errno)):
                failed.append(f"{name}: {error}")
    assert failed == []


@pytest.mark.parametrize("name", sorted(objects.variants()))
def test_forms_that_every_kernel_has(name):
    objects.variants()[name].create().close()


@pytest.mark.parametrize("name", sorted(objects.late_variants()))
def test_forms_of_newer_kernels(name):
    try:
        objects.late_variants()[name].create().close()
    except KernelError as error:
        if error.errno not in (errno.EINVAL, errno.E2BIG):
            raise
        pytest.skip("this kernel does not have it")


def test_type_names_are_those_of_what_was_made(handmade):
    records = read()
    made = {name: objects.object_id(fd) for name, fd in handmade[0].items() if name in objects.maps()}
    assert {name: records[number]["type"] for name, number in made.items()} == {name: name for name in made}


def test_bpftool_agrees_on_every_key_it_prints(compiled, handmade, bpftool):
    mine = set(of_pins(compiled).values()) | {objects.object_id(fd) for fd in handmade[0].values()}
    shown = oracle.shown("map")
    records = read("pinned", "pids")
    assert mine <= set(shown) and mine <= set(records)
    wrong = [line for number in sorted(mine) for line in oracle.disagreements("map", shown[number], records[number])]
    assert wrong == []


def test_module_tells_what_the_core_tells(compiled, handmade):
    mine = set(of_pins(compiled).values()) | {objects.object_id(fd) for fd in handmade[0].values()}
    told = run_module("bpf_map_info", {"include": ["pinned"]})
    found = {record["id"]: record for record in told["maps"]}
    expected = read("pinned")
    assert told["changed"] is False
    assert {number: found[number] for number in mine} == {number: expected[number] for number in mine}


def test_every_key_is_there_whatever_the_type(handmade):
    records = read()
    keys = {frozenset(records[objects.object_id(fd)]) - {"unavailable"} for fd in handmade[0].values()}
    assert len(keys) == 1


@pytest.mark.parametrize("name", sorted(objects.variants()) + sorted(objects.late_variants()))
def test_flags_sizes_and_names(handmade, name):
    if name not in handmade[0]:
        pytest.skip("this kernel does not have it")
    shape = (objects.variants() | objects.late_variants())[name]
    record = read()[objects.object_id(handmade[0][name])]
    # these two belong to the descriptor that was made with the map, and every devmap is read-only for programs
    flags = shape.flags & ~(map_flags.F_RDONLY | map_flags.F_WRONLY)
    flags |= map_flags.F_RDONLY_PROG if shape.type == map_types.DEVMAP else 0
    assert record["flags"] == flags
    assert record["flag_names"] == [word for mask, word in map_flags.NAMES.items() if flags & mask]
    assert (record["bytes_key"], record["bytes_value"]) == (shape.key, shape.value)
    assert (record["max_entries"], record["name"]) == (shape.entries, shape.name.decode())
    assert (record["btf_key_type_id"], record["btf_value_type_id"]) == (shape.btf or (None, None))


def test_what_bpftool_does_not_print(handmade):
    records = read()
    if "bloom_filter" in handmade[0]:
        assert records[objects.object_id(handmade[0]["bloom_filter"])]["map_extra"] == 3
    if "struct_ops" in handmade[0]:
        record = records[objects.object_id(handmade[0]["struct_ops"])]
        assert record["btf_vmlinux_value_type_id"] == objects.maps()["struct_ops"].vmlinux_value
    assert records[objects.object_id(handmade[0]["hash"])]["btf_vmlinux_value_type_id"] is None


def test_memlock_and_frozen_are_those_of_fdinfo(handmade):
    with objects.Map(map_types.ARRAY).create() as fd:
        objects.freeze(fd)
        records = read()
        for each in (fd, *handmade[0].values()):
            text = Path(f"/proc/self/fdinfo/{each.number}").read_text()
            record = records[objects.object_id(each)]
            assert f"memlock:\t{record['bytes_memlock']}\n" in text
            assert f"frozen:\t{int(record['frozen'])}\n" in text
        assert records[objects.object_id(fd)]["frozen"] is True


def test_owner_of_a_prog_array(bpftool):
    with objects.Map(map_types.PROG_ARRAY).create() as fd, objects.Program(prog_types.XDP).load() as program:
        objects.update(fd, bytes(4), program.number.to_bytes(4, sys.byteorder))
        number = objects.object_id(fd)
        record = read("pinned")[number]
        assert oracle.disagreements("map", oracle.shown("map")[number], record) == []
    assert (record["owner_prog_type"], record["owner_jited"]) == ("xdp", True)


@pytest.mark.parametrize("gone", [(), (0, 39), (5, 6, 7, 20), range(2, 40, 2), range(3, 40, 4), range(6, 40, 7)])
def test_rows_of_ids_with_holes_are_listed_whole(gone):
    """In a row the next id is taken for likely: what is read under an id is the object that has it."""
    made = [objects.Map(map_types.ARRAY).create() for _turn in range(40)]
    numbers = {objects.object_id(fd) for fd in made}
    lost = {objects.object_id(made[place]) for place in gone}
    for place in gone:
        made[place].close()
    reader = map.Reader(fdinfo=False)
    found = dict(ids.scan(ids.MAP, lambda number, fd: (number, reader.read(number, fd).info.id)))
    assert {number: told for number, told in found.items() if number != told} == {}
    assert numbers & set(found) == numbers - lost
    assert list(found) == sorted(found)


def test_pids_are_those_of_an_independent_walk(handmade):
    records = read("pids")
    walked = oracle.holders()
    for name, fd in handmade[0].items():
        number = objects.object_id(fd)
        told = {holder["pid"]: holder["comm"] for holder in records[number]["pids"]}
        assert told == walked["map", number], name
        assert os.getpid() in told


def test_map_that_may_only_be_read(bpffs):
    with objects.Map(map_types.ARRAY, flags=map_flags.F_RDONLY, name=b"read_only").create() as fd:
        path = objects.pin(fd, bpffs / "read_only")
        path.chmod(0o400)
        record = run_module("bpf_map_info", {"pinned": str(path), "include": ["pinned"]})["maps"]
        assert [(one["id"], one["name"], one["pinned"]) for one in record] == [
            (objects.object_id(fd), "read_only", [str(path)])
        ]


@pytest.mark.parametrize("by", ["id", "name", "pinned", "type"])
def test_selectors(compiled, by):
    expected = read()[of_pins(compiled / "maps")["m_counters"]]
    wanted = {by: expected.get(by, str(compiled / "maps" / "map" / "m_counters"))}
    found = {record["id"]: record for record in run_module("bpf_map_info", wanted)["maps"]}
    assert found[expected["id"]] == expected
    key = "id" if by == "pinned" else by
    assert {record[key] for record in found.values()} == {expected[key]}
