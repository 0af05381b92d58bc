# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import cpus
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import pin_write
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types
from ansible_collections.ebpf.fleet.plugins.modules import bpf_map
from ansible_collections.ebpf.fleet.tests.unit.support.fake_maker import FakeMaker
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

HASH = {"type": "hash", "key_size": 4, "value_size": 8, "max_entries": 16}
TYPED = {
    "type": "hash",
    "max_entries": 16,
    "types": "struct flow { __u32 address; __u16 ports[2]; };",
    "key_type": "__u32",
    "value_type": "struct flow",
}


@pytest.fixture
def maker(kernel, monkeypatch):
    monkeypatch.setattr(cpus, "possible", lambda: [0, 1])
    return FakeMaker(kernel).install(monkeypatch)


@pytest.fixture
def run(bpffs, maker, capsys):
    def call(path=b"/bpf/new", **args):
        return run_module(bpf_map.main, capsys, path=bpffs.text(path), **args)

    return call


@pytest.fixture
def twice(run, bpffs, kernel, maker):
    """Run a task in check mode, for good, and again: the first tells what the second does, the third does nothing."""

    def call(path=b"/bpf/new", **args):
        before = bpffs.listing(), len(maker.made), kernel.count(commands.BPF_MAP_FREEZE)
        told = run(path, _ansible_check_mode=True, _ansible_diff=True, **args)
        assert (bpffs.listing(), len(maker.made), kernel.count(commands.BPF_MAP_FREEZE)) == before
        done = run(path, _ansible_diff=True, **args)
        again = run(path, **args)
        assert told["changed"] and done["changed"] and told["diff"] == done["diff"]
        assert again["changed"] is False and again["map"] == done["map"]
        return told, done

    return call


@pytest.fixture
def old(bpffs, kernel):
    """A map that is pinned where the tasks want theirs."""
    return bpffs.add(b"/bpf/new", kernel.add_map(40, name=b"old"))


# ------------------------------------------------------------ made


@pytest.mark.parametrize("shape", [HASH, TYPED], ids=["plain", "typed"])
def test_made_and_pinned(bpffs, maker, twice, shape):
    told, done = twice(b"/bpf/x/new", **shape)
    assert bpffs.listing() == {b"/bpf/x": None, b"/bpf/x/new": ("map", done["map"]["id"])}
    (made,) = maker.made
    assert made["map_name"].rstrip(b"\0") == b"new" and bool(made["btf_fd"]) is (shape is TYPED)
    unknown = set(told["map"].pop("unavailable"))
    assert {"id", "bytes_memlock"} <= unknown
    assert {key: told["map"][key] for key in told["map"] if key not in unknown} == {
        key: done["map"][key] for key in done["map"] if key not in unknown
    }
    assert done["diff"]["before"] == {"mounts": [], "directories": [], "map": None}
    assert done["diff"]["after"]["map"]["max_entries"] == 16 and done["diff"]["after"]["map"]["frozen"] is False


def test_the_types_are_shown(twice):
    _told, done = twice(**TYPED)
    assert done["diff"]["after"]["map"]["value_type"] == "struct {u32 address @0; u16[2] ports @4; 8 bytes}"
    assert done["map"]["btf_value_type_id"]


def test_a_map_of_maps(maker, twice):
    inner = {"type": "array", "value_size": 4, "max_entries": 2}
    twice(type="array_of_maps", max_entries=3, inner_map=inner)
    assert [one["map_type"] for one in maker.made] == [map_types.ARRAY, map_types.ARRAY_OF_MAPS]


def test_entries_that_the_kernel_rounds(maker, kernel, twice):
    real = kernel.add_map
    kernel.add_map = lambda **info: real(**{**info, "max_entries": -(-info["max_entries"] // 2) * 2})
    _told, done = twice(**{**HASH, "type": "lru_hash", "flags": ["no_common_lru"], "max_entries": 15})
    assert maker.made[0]["max_entries"] == 15 and done["map"]["max_entries"] == 16


def test_a_mount_comes_first(bpffs, twice):
    twice(b"/other/new", mount=True, mount_point=bpffs.text(b"/other"), **HASH)
    assert bpffs.mounts == [b"/bpf", b"/other"]


@pytest.mark.parametrize(("entries", "fails"), [(16, False), (8, True)])
def test_who_makes_the_same_map_at_the_same_time(run, bpffs, kernel, entries, fails):
    kernel.before(commands.BPF_OBJ_PIN, lambda _call: bpffs.add(b"/bpf/new", kernel.add_map(70, max_entries=entries)))
    result = run(**HASH)
    assert bool(result.get("failed")) is fails and (fails or result["map"]["id"] == 70)
    assert not fails or "is not as it was left: map is {" in result["msg"]


# ------------------------------------------------------------ compared


def test_the_same_map_is_left_alone(run, old, maker):
    assert run(**HASH)["changed"] is False and run(max_entries=16)["changed"] is False and run()["changed"] is False
    assert run(name="old", flags=[], **HASH)["map"]["id"] == 40 and maker.made == []


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"max_entries": 8}, "max_entries is 16, declared 8"),
        ({"type": "array"}, "type is hash, declared array"),
        ({"flags": ["no_prealloc"]}, "flags is none, declared no_prealloc"),
        ({"name": "new"}, "name is old, declared new"),
        (
            {"key_type": "__u32", "value_type": "__u64"},
            "key_type is none, declared u32; value_type is none, declared u64",
        ),
    ],
)
def test_another_map_is_an_error_that_tells_both(run, old, maker, args, words, mode):
    result = run(_ansible_check_mode=mode, **{**HASH, **args})
    assert words in result["msg"] and "holds map 40 (hash old)" in result["msg"] and "recreate: true" in result["msg"]
    assert maker.made == []


def test_types_are_compared(run, twice):
    twice(**TYPED)
    other = {**TYPED, "types": TYPED["types"].replace("ports", "doors")}
    assert "doors" in run(**other)["msg"] and "ports" in run(**other)["msg"]
    assert (
        run(**{**TYPED, "types": TYPED["types"].replace("flow", "stream"), "value_type": "struct stream"})["changed"]
        is False
    )


def test_types_that_cannot_be_read_are_not_compared(run, bpffs, kernel):
    bpffs.add(b"/bpf/new", kernel.add_map(40, btf_id=9, btf_key_type_id=1, btf_value_type_id=2))
    assert "cannot compare the types of map 40" in run(**TYPED)["msg"] and run(**HASH)["changed"] is False


# ------------------------------------------------------------ recreated


def test_recreated(bpffs, old, twice):
    _told, done = twice(recreate=True, **{**HASH, "max_entries": 8})
    assert done["split"] == {"programs": [], "maps": []} and done["map"]["id"] != 40
    assert bpffs.listing() == {b"/bpf/new": ("map", done["map"]["id"])}
    assert done["diff"]["before"]["map"]["max_entries"] == 16 and done["diff"]["after"]["map"]["max_entries"] == 8


@pytest.mark.parametrize("mode", [True, False])
def test_a_map_in_use_is_not_recreated_without_force(run, kernel, old, maker, mode):
    kernel.add_program(5, type=6, name=b"user", map_ids=[40])
    entries = {b"\0\0\0\0": struct.pack("=I", 40)}
    kernel.add_map(41, type=map_types.HASH_OF_MAPS, value_size=4, name=b"outer", entries=entries)
    task = {**HASH, "max_entries": 8, "recreate": True, "_ansible_check_mode": mode}
    result = run(**task)
    assert "programs 5 (xdp user) and maps 41 (hash_of_maps outer) would go on with the old map" in result["msg"]
    assert [one["id"] for one in result["split"]["programs"] + result["split"]["maps"]] == [5, 41]
    assert maker.made == []
    forced = run(force=True, **task)
    assert forced["changed"] and forced["split"] == result["split"]


def test_who_uses_a_map_has_to_be_known(run, kernel, old):
    kernel.add_program(5).info_errno = errno.EPERM
    assert "cannot tell who uses map 40" in run(recreate=True, **{**HASH, "max_entries": 8})["msg"]
    kernel.can_list = False
    assert run(recreate=True, **{**HASH, "max_entries": 8})["failure"]["name"] == "EPERM"


def test_a_new_map_wants_to_be_declared_whole(run, old):
    result = run(max_entries=8, recreate=True)
    assert "map 40 (hash old) would be replaced, and without type or object none can be made" in result["msg"]


def test_who_was_faster(run, bpffs, kernel, old):
    def swap(_call):
        bpffs.add(b"/bpf/new", kernel.add_program(30, type=6, name=b"other"))

    kernel.before(commands.BPF_MAP_CREATE, swap)
    result = run(recreate=True, **{**HASH, "max_entries": 8})
    assert "holds program 30 (xdp other) by now" in result["msg"] and bpffs.listing() == {b"/bpf/new": ("prog", 30)}


# ------------------------------------------------------------ frozen


@pytest.mark.parametrize("mode", [True, False])
def test_the_latch_wants_to_be_accepted_in_check_mode_too(run, old, mode):
    for args in ({}, HASH, {**HASH, "max_entries": 8, "recreate": True}):
        assert "accept_latch: true" in run(state="frozen", _ansible_check_mode=mode, **args)["msg"]
    assert "accept_latch: true" in run(b"/bpf/other", state="frozen", _ansible_check_mode=mode, **HASH)["msg"]
    assert old.frozen == 0


def test_frozen(old, twice, run):
    told, done = twice(state="frozen", accept_latch=True)
    assert told["map"] == done["map"]
    assert old.frozen == 1 and done["map"]["frozen"] is True and done["map"]["id"] == 40
    assert done["diff"]["before"]["map"] == {"frozen": False} and done["diff"]["after"]["map"] == {"frozen": True}
    assert run(state="frozen")["changed"] is False and run(**HASH)["changed"] is False


def test_made_and_frozen_at_once(kernel, twice):
    _told, done = twice(state="frozen", accept_latch=True, **HASH)
    assert done["map"]["frozen"] is True and kernel.count(commands.BPF_MAP_FREEZE) == 1


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EBUSY, "mapped"), (errno.EINVAL, "Linux 5.2"), (524, "timers"), (errno.EPERM, "frozen")],
)
def test_maps_that_cannot_be_frozen(run, old, maker, number, words):
    maker.freeze_errno = number
    result = run(state="frozen", accept_latch=True)
    assert result["msg"].startswith("cannot freeze the map at ") and words in result["msg"]
    assert result["failure"]["call"] == "BPF_MAP_FREEZE" and words in result["failure"]["hint"]


# ------------------------------------------------------------ absent


def test_absent(bpffs, old, twice, run):
    told, done = twice(state="absent")
    assert told["map"] is done["map"] is None and bpffs.listing() == {}
    assert done["diff"] == {"before": {"map": {"id": 40, "type": "hash", "name": "old"}}, "after": {"map": None}}
    assert run(b"/nowhere/x", state="absent")["changed"] is False


# ------------------------------------------------------------ what is refused


@pytest.mark.parametrize("mode", [True, False])
@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({}, "without type or object none can be made"),
        ({"state": "frozen", "accept_latch": True}, "without type or object none can be made"),
        ({"type": "hash", "max_entries": 1}, "cannot make the map at .*new: a new map of type hash needs key_size"),
        ({"type": "ringbuf", "max_entries": 3}, "a power of two"),
        ({"type": "nothing"}, "value of type must be one of"),
        ({"flags": ["rdonly"], **HASH}, "value of flags must be one or more of"),
        ({"object": "/nowhere.o", "object_map": "x"}, "there is no file /nowhere.o"),
        ({"object": "/nowhere.o"}, "object_map"),
        ({"object": "/nowhere.o", "object_map": "x", "key_type": "int"}, "mutually exclusive"),
    ],
)
def test_declarations_that_do_not_do(run, maker, bpffs, args, words, mode):
    import re

    result = run(_ansible_check_mode=mode, **args)
    assert result["failed"] and re.search(words, result["msg"])
    assert maker.made == [] and bpffs.listing() == {}


@pytest.mark.parametrize("state", ["present", "frozen", "absent"])
def test_what_is_no_map_is_left_alone(run, bpffs, kernel, state):
    bpffs.add(b"/bpf/new", kernel.add_program(5, type=6, name=b"x"))
    task = {"state": state, "recreate": True, "force": True, "accept_latch": True}
    assert "holds program 5 (xdp x), not a map" in run(**task, **({} if state == "absent" else HASH))["msg"]
    assert bpffs.listing() == {b"/bpf/new": ("prog", 5)}


def test_places_that_do_not_do(run):
    assert "is not on a BPF file system" in run(b"/nowhere/x", **HASH)["msg"]
    assert "has a dot" in run(b"/bpf/a.b", **HASH)["msg"]


@pytest.mark.parametrize(("field", "call"), [("create_errno", "BPF_MAP_CREATE"), ("load_errno", "BPF_BTF_LOAD")])
def test_refusals_of_the_kernel(run, maker, bpffs, field, call):
    setattr(maker, field, errno.EINVAL)
    result = run(b"/bpf/x/new", **TYPED)
    assert result["msg"].startswith("cannot make the map at ") and "does not know the type of map" in result["msg"]
    assert result["failure"]["call"] == call and bpffs.listing() == {}
    setattr(maker, field, errno.ENOMEM)
    assert run(**TYPED)["failure"]["name"] == "ENOMEM"


def test_a_map_that_does_not_stay(run, monkeypatch):
    monkeypatch.setattr(pin_write, "pin_new", lambda fd, path: None)
    assert "is not as it was left: map is None" in run(**HASH)["msg"]


def test_what_a_refused_task_has_made_is_told(run, bpffs, maker):
    bpffs.pin_errno = errno.EPERM
    result = run(b"/bpf/x/new", **HASH)
    assert "not on a BPF file system" in result["msg"] and result["failure"]["call"] == "BPF_OBJ_PIN"
    assert result["msg"].endswith(f"and it stays: directory {bpffs.text(b'/bpf/x')}") and result["changed"]


def test_the_log_of_refused_types_is_told(run, maker):
    maker.load_errno, maker.log = errno.EINVAL, b"[1] INT int\n[2] STRUCT flow Invalid member\n"
    result = run(**TYPED)
    assert result["msg"].endswith("What the kernel wrote about its types ends with: [2] STRUCT flow Invalid member")
    assert result["failure"]["log"] == maker.log.decode() and result["changed"] is False
