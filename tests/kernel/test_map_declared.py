# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maps that bpf_map makes, compares, replaces and freezes, on a file system of the test's own."""

from __future__ import annotations

import contextlib
import errno
import json
import struct
import subprocess
from pathlib import Path

import objects
import pytest
from modules import ModuleFailed, run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import mapdef, source
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import prog_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import map_definition

INNER = {"type": "array", "value_size": 4, "max_entries": 2}
INTS = {"key_type": "int", "value_type": "int", "flags": ["no_prealloc"]}
FLOW = "struct flow { __u32 address; __u16 ports[2]; char name[16]; unsigned drop : 1; signed rank : 5; };"
TYPED = {"type": "hash", "max_entries": 8, "types": FLOW, "key_type": "__u32", "value_type": "struct flow"}
#: How to declare a map of each type, with as little as will do.
SHAPES = {
    "hash percpu_hash lru_hash lru_percpu_hash sockhash": {"key_size": 4, "value_size": 4},
    "array percpu_array devmap devmap_hash cpumap sockmap queue stack bloom_filter": {"value_size": 4},
    "prog_array perf_event_array cgroup_array xskmap": {},
    "sk_storage inode_storage task_storage cgrp_storage": {"max_entries": None, **INTS},
    "cgroup_storage percpu_cgroup_storage": {"key_size": 16, "value_size": 4, "max_entries": 0},
    "ringbuf user_ringbuf": {"max_entries": objects.PAGE},
    "stack_trace": {"value_size": 128},
    "lpm_trie": {"key_size": 8, "value_size": 4, "flags": ["no_prealloc"]},
    "array_of_maps": {"inner_map": INNER},
    "hash_of_maps": {"key_size": 4, "inner_map": INNER},
    "reuseport_sockarray": {"value_size": 8},
    "arena": {"flags": ["mmapable"]},
    "insn_array": {"key_size": 4, "value_size": 16},
    "rhash": {"key_size": 4, "value_size": 4, "flags": ["no_prealloc"]},
}
SHAPES = {kind: shape for kinds, shape in SHAPES.items() for kind in kinds.split()}


def declare(**args) -> dict:
    return run_module("bpf_map", {name: value for name, value in args.items() if value is not None})


def refused(**args) -> dict:
    with pytest.raises(ModuleFailed) as caught:
        declare(**args)
    return caught.value.result


def test_every_type_is_declared_here():
    assert set(SHAPES) == set(map_definition.TYPES)


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_every_type_is_made_and_found_again(bpffs, kind):
    task = {"path": str(bpffs / "new"), "type": kind, "max_entries": 4, **SHAPES[kind]}
    told = declare(_ansible_check_mode=True, _ansible_diff=True, **task)
    assert told["changed"] and not (bpffs / "new").exists()
    try:
        done = declare(_ansible_diff=True, **task)
    except ModuleFailed as error:
        # the kernel of this machine has no such maps: neither can they be made by hand
        with pytest.raises(KernelError):
            objects.maps()[kind].create()
        assert error.result["failure"]["call"] == "BPF_MAP_CREATE" and not (bpffs / "new").exists()
        pytest.skip(f"this kernel makes no {kind}")
    assert done["diff"] == told["diff"] and done["map"]["type"] == kind
    assert declare(**task)["changed"] is False
    assert run_module("bpf_map_info", {"pinned": task["path"]})["maps"] == [done["map"]]


def test_typed(bpffs):
    task = dict(TYPED, path=str(bpffs / "deep" / "flows"))
    made = declare(**task)["map"]
    assert declare(**task)["changed"] is False
    value = struct.pack("=IHH16sI", 7, 80, 443, b"web", 1 | (-3 & 31) << 1)
    with objects.open_pin(Path(task["path"])) as fd:
        objects.update(fd, struct.pack("=I", 5), value)
    read = run_module("bpf_map_entry_info", {"id": made["id"]})["entries"]
    assert read == [{"key": 5, "value": {"address": 7, "ports": [80, 443], "name": "web", "drop": 1, "rank": -3}}]
    result = refused(**{**task, "types": FLOW.replace("rank : 5", "rank : 6")})
    assert "s32:5 rank" in result["msg"] and "s32:6 rank" in result["msg"]


def test_structs_by_their_members_and_a_node(bpffs):
    members = {
        "address": "__u32",
        "ports": "__u16[2]",
        "name": "char[16]",
        "bits": {"drop": "__u32:1", "rank": "int:5"},
    }
    task = {"path": str(bpffs / "flows"), "type": "hash", "max_entries": 4, "key_type": "__u32", "numa_node": 0}
    made = declare(**task, value_type=members)["map"]
    assert made["flag_names"] == ["numa_node"] and made["bytes_value"] == 28
    assert declare(**task, value_type=members)["changed"] is False
    text = "struct { __u32 address; __u16 ports[2]; char name[16]; struct { __u32 drop : 1; int rank : 5; } bits; }"
    assert declare(**task, value_type=text)["changed"] is False
    value = {"address": 7, "ports": [80, 443], "name": "web", "bits": {"drop": 1, "rank": -3}}
    entry = {"id": made["id"], "key": 5, "value": value}
    assert run_module("bpf_map_entry", entry)["changed"] and not run_module("bpf_map_entry", entry)["changed"]
    del task["numa_node"]
    assert "flags is numa_node, declared none" in refused(**task, value_type=members)["msg"]


def test_bpftool_sees_what_was_declared(bpffs, bpftool):
    declare(**dict(TYPED, path=str(bpffs / "flows"), name="a_name", flags=["no_prealloc"]))
    shown = json.loads(
        subprocess.run(
            [bpftool, "-j", "map", "show", "pinned", str(bpffs / "flows")], capture_output=True, check=True
        ).stdout
    )
    told = {key: shown[key] for key in ("type", "name", "flags", "bytes_key", "bytes_value", "max_entries")}
    assert told == {
        "type": "hash", "name": "a_name", "flags": 1, "bytes_key": 4, "bytes_value": 28, "max_entries": 8
    }  # fmt: skip
    dumped = subprocess.run(
        [bpftool, "btf", "dump", "id", str(shown["btf_id"]), "format", "c"], capture_output=True, check=True
    )
    assert b"struct flow {" in dumped.stdout and b"ports[2]" in dumped.stdout


def declared_maps(compiled: Path, folder: Path) -> dict[Path, dict]:
    """Return the pins of maps that bpftool loaded from the objects of tests/bpf, with what declares them."""
    found = {}
    for name in objects.sources():
        place = compiled / name.partition(".")[0] / "map"
        if name == objects.WITHOUT_BTF or not place.is_dir():
            continue
        built = objects.compile_object(name, folder)
        for path in sorted(place.iterdir()):
            # sections of global data are maps too, and not declared as such
            with contextlib.suppress(BtfError):
                mapdef.declared(source.spec(built.read_bytes()), path.name)
                found[path] = {"object": str(built), "object_map": path.name}
    assert len(found) >= 6
    return found


def test_maps_that_libbpf_made_of_an_object_file_are_as_it_declares_them(compiled, tmp_path):
    """The oracle: bpftool has loaded the objects of tests/bpf."""
    for path, task in declared_maps(compiled, tmp_path).items():
        assert declare(path=str(path), _ansible_check_mode=True, **task)["changed"] is False, path
        assert "max_entries is" in refused(path=str(path), max_entries=12345, **task)["msg"]


def test_maps_are_made_as_an_object_file_declares_them(compiled, bpffs, tmp_path):
    keys = ("type", "flag_names", "bytes_key", "bytes_value", "max_entries", "name", "map_extra")
    for path, declared in declared_maps(compiled, tmp_path).items():
        task = {"path": str(bpffs / path.name), **declared}
        done = declare(**task)["map"]
        (theirs,) = run_module("bpf_map_info", {"pinned": str(path)})["maps"]
        assert {key: done[key] for key in keys} == {key: theirs[key] for key in keys}
        assert bool(done["btf_value_type_id"]) == bool(theirs["btf_value_type_id"])
        assert declare(**task)["changed"] is False


def test_another_map_is_replaced_only_when_it_is_told_to(bpffs):
    task = {"path": str(bpffs / "x"), "type": "hash", "key_size": 4, "value_size": 8, "max_entries": 4}
    first = declare(**task)["map"]
    (bpffs / "x").chmod(0o640)
    with objects.open_pin(bpffs / "x") as fd:
        objects.update(fd, bytes(4), bytes(8))
    other = {**task, "max_entries": 5, "flags": ["no_prealloc"]}
    result = refused(**other)
    assert "max_entries is 4, declared 5; flags is none, declared no_prealloc" in result["msg"]
    assert declare(recreate=True, _ansible_check_mode=True, **other)["changed"]
    assert run_module("bpf_map_info", {"pinned": task["path"]})["maps"][0]["id"] == first["id"]
    second = declare(recreate=True, **other)
    assert second["map"]["id"] != first["id"] and second["split"] == {"programs": [], "maps": []}
    assert (bpffs / "x").stat().st_mode & 0o777 == 0o640 and [path.name for path in bpffs.glob("*x*")] == ["x"]
    assert declare(recreate=True, **other)["changed"] is False
    assert not run_module("bpf_map_info", {"id": first["id"]})["maps"]


def test_a_map_in_use_is_split_only_by_force(bpffs):
    task = {"path": str(bpffs / "x"), "type": "hash", "key_size": 4, "value_size": 4, "max_entries": 4}
    number = declare(**task)["map"]["id"]
    outer = {"path": str(bpffs / "outer"), "type": "hash_of_maps", "key_size": 4, "max_entries": 4}
    outer["inner_map"] = {"type": "hash", "key_size": 4, "value_size": 4, "max_entries": 4}
    outer_id = declare(**outer)["map"]["id"]
    with objects.open_pin(bpffs / "x") as fd, objects.open_pin(bpffs / "outer") as holder:
        objects.update(holder, bytes(4), struct.pack("=I", fd.number))
        program = objects.Program(prog_types.SOCKET_FILTER, name=b"fleet_user", insns=objects.uses_map(fd)).load()
    with program:
        other = {**task, "max_entries": 5, "recreate": True}
        result = refused(**other)
        assert "would go on with the old map" in result["msg"]
        expected = {
            "programs": [{"id": objects.object_id(program), "type": "socket_filter", "name": "fleet_user"}],
            "maps": [{"id": outer_id, "type": "hash_of_maps", "name": "outer"}],
        }
        assert result["split"] == expected
        assert run_module("bpf_map_info", {"pinned": task["path"]})["maps"][0]["id"] == number
        assert declare(force=True, **other)["split"] == expected
    assert declare(**outer)["changed"] is False
    assert "inner_map is (type hash" in refused(**dict(outer, inner_map=dict(outer["inner_map"], value_size=8)))["msg"]


def test_frozen(bpffs):
    task = {"path": str(bpffs / "x"), "type": "array", "value_size": 4, "max_entries": 2}
    number = declare(**task)["map"]["id"]
    latch = {"path": task["path"], "state": "frozen"}
    for mode in (True, False):
        assert "accept_latch: true" in refused(_ansible_check_mode=mode, **latch)["msg"]
    told = declare(accept_latch=True, _ansible_check_mode=True, **latch)
    assert told["changed"] and told["map"]["frozen"] is True
    assert run_module("bpf_map_info", {"id": number})["maps"][0]["frozen"] is False
    with objects.open_pin(bpffs / "x") as fd:
        objects.update(fd, bytes(4), b"\1\0\0\0")
        done = declare(accept_latch=True, **latch)
        assert done["changed"] and done["map"]["frozen"] is True and done["map"]["id"] == number
        with pytest.raises(KernelError) as caught:
            objects.update(fd, bytes(4), bytes(4))
        assert caught.value.errno == errno.EPERM
    assert declare(**latch)["changed"] is False and declare(**task)["changed"] is False
    assert declare(state="frozen", accept_latch=True, **{**task, "path": str(bpffs / "y")})["map"]["frozen"] is True


def test_what_is_mapped_for_writing_cannot_be_frozen(bpffs):
    import mmap

    task = {"path": str(bpffs / "x"), "type": "array", "value_size": 4, "max_entries": 2, "flags": ["mmapable"]}
    declare(**task)
    with objects.open_pin(bpffs / "x") as fd, mmap.mmap(fd.number, objects.PAGE):
        result = refused(path=task["path"], state="frozen", accept_latch=True)
    assert "a process has it mapped into its memory for writing" in result["msg"]
    assert result["failure"]["name"] == "EBUSY"


def test_removed(bpffs):
    task = {"path": str(bpffs / "x"), "type": "array", "value_size": 4, "max_entries": 2}
    number = declare(**task)["map"]["id"]
    gone = {"path": task["path"], "state": "absent"}
    assert declare(_ansible_check_mode=True, **gone)["changed"] and (bpffs / "x").exists()
    assert declare(**gone)["changed"] and declare(**gone)["changed"] is False
    assert not run_module("bpf_map_info", {"id": number})["maps"]


def test_what_is_no_map_is_left_alone(bpffs):
    with objects.Program(prog_types.XDP).load() as fd:
        objects.pin(fd, bpffs / "x")
        for state in ("present", "absent", "frozen"):
            task = {"path": str(bpffs / "x"), "state": state, "recreate": True, "force": True, "accept_latch": True}
            assert "not a map" in refused(**task)["msg"]
        assert objects.pinned_ids(bpffs)[bpffs / "x"] == ("prog", objects.object_id(fd))


def test_refusals_of_the_kernel(bpffs):
    # how large pages are is not known beforehand
    result = refused(path=str(bpffs / "y" / "x"), type="ringbuf", max_entries=4)
    assert result["failure"]["call"] == "BPF_MAP_CREATE" and "do not go with the type" in result["msg"]
    assert not (bpffs / "y").exists()
    lock = "struct bpf_spin_lock { __u32 val; };"
    locks = {"key_type": "int", "value_type": {"one": "struct bpf_spin_lock", "other": "struct bpf_spin_lock"}}
    result = refused(path=str(bpffs / "x"), type="hash", max_entries=4, types=lock, **locks)
    assert result["failure"]["call"] == "BPF_BTF_LOAD" and "bpf_spin_lock" in result["failure"]["log"]
    assert "What the kernel wrote about its types ends with: other" in result["msg"].replace("\t", "")
