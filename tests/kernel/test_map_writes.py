# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bpf_map_entry makes of maps, seen by bpf_map_entry_info, by bpftool and by the bytes themselves."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import struct
import subprocess

import contents
import modules
import objects
import pytest
import syscalls
from modules import ModuleFailed, run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import cpus
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map as bpf_map
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_elements import Elements
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_flags, map_types

NUMBERS = {"key_format": "u32", "value_format": "u32"}


def read(fd, **args) -> list[dict]:
    args = dict({"limit": 1 << 20}, **args)
    return run_module("bpf_map_entry_info", dict(id=objects.object_id(fd), **args))["entries"]


def numbers(fd) -> dict[int, int]:
    return {entry["key"]: entry["value"] for entry in read(fd, **NUMBERS)}


def write(fd, **args) -> dict:
    return run_module("bpf_map_entry", dict({"id": objects.object_id(fd)}, **args))


def refused(fd, **args) -> dict:
    with pytest.raises(ModuleFailed) as caught:
        write(fd, **args)
    return caught.value.result


def listed(wanted: dict[int, int]) -> list[dict]:
    return [{"key": key, "value": value} for key, value in wanted.items()]


def hash_of(entries: int, **shape) -> objects.Map:
    return objects.Map(map_types.HASH, entries=entries, **shape)


# ---- the way of an entry


def test_check_mode_change_idempotence_update_absent_purge():
    with hash_of(16).create() as fd:
        objects.update(fd, struct.pack("=I", 1), struct.pack("=I", 10))
        objects.update(fd, struct.pack("=I", 9), struct.pack("=I", 90))
        before = read(fd)
        args = dict(NUMBERS, entries=listed({1: 11, 2: 20, 3: 30}))
        told = write(fd, _ansible_check_mode=True, _ansible_diff=True, **args)
        assert read(fd) == before
        assert (told["changed"], told["written"]) == (True, 0)
        done = write(fd, _ansible_diff=True, **args)
        assert numbers(fd) == {1: 11, 2: 20, 3: 30, 9: 90}
        assert done["counts"] == told["counts"] == {"added": 2, "updated": 1, "deleted": 0, "unchanged": 0}
        assert done["diff"] == told["diff"]
        assert done["diff"]["before"] == {"entries": [{"key": 1, "value": 10}]}
        assert done["diff"]["after"] == {"entries": listed({1: 11, 2: 20, 3: 30})}
        assert (done["written"], done["order"]) == (3, ["update", "add"])
        again = write(fd, **args)
        assert (again["changed"], again["counts"]["unchanged"], again["written"]) == (False, 3, 0)
        assert write(fd, key=2, value=21, **NUMBERS)["counts"]["updated"] == 1
        gone = [write(fd, key=3, state="absent", **NUMBERS)["changed"] for _turn in range(2)]
        assert gone == [True, False]
        told = write(fd, _ansible_check_mode=True, purge=True, entries=listed({2: 21}), **NUMBERS)
        assert numbers(fd) == {1: 11, 2: 21, 9: 90}
        done = write(fd, purge=True, entries=listed({2: 21}), **NUMBERS)
        assert told["counts"] == done["counts"] == {"added": 0, "updated": 0, "deleted": 2, "unchanged": 1}
        assert numbers(fd) == {2: 21}
        assert write(fd, purge=True, entries=listed({2: 21}), **NUMBERS)["changed"] is False


WRITABLE = sorted(contents.PLAIN)


@pytest.mark.parametrize("name", WRITABLE)
def test_what_was_read_is_written_as_it_is(name, tmp_path):
    with contents.PLAIN[name].create() as fd, contents.PLAIN[name].create() as other:
        contents.filled(name, fd)
        for form in ({}, {"key_format": "base64", "value_format": "base64"}):
            entries = read(fd, **form)
            if len(json.dumps(entries)) > 100000:  # no command line is as long as that
                continue
            same = write(fd, entries=entries, **form)
            assert (same["changed"], same["counts"]["unchanged"]) == (False, len(entries))
        dump = str(tmp_path / "dump")
        run_module("bpf_map_dump", {"id": objects.object_id(fd), "dest": dump, "gzip": True})
        assert write(other, src=dump, remote_src=True)["changed"] is True
        assert sorted(map(json.dumps, read(other))) == sorted(map(json.dumps, read(fd)))
        assert write(other, src=dump, remote_src=True)["changed"] is False


def test_the_kernel_holds_what_bpftool_then_prints(bpftool):
    with hash_of(8, value=8).create() as fd:
        write(fd, entries=[{"key": 1, "value": [2, 3]}, {"key": "0x10", "value": ["4", 5]}], **NUMBERS)
        printed = {entry["key"]: entry["value"] for entry in contents.plain(contents.dumped(objects.object_id(fd)))}
        assert printed == {"01 00 00 00": "02 00 00 00 03 00 00 00", "10 00 00 00": "04 00 00 00 05 00 00 00"}


# ---- types


def test_values_per_cpu():
    possible = cpus.possible()
    with objects.Map(map_types.PERCPU_HASH, entries=8, value=6).create() as fd:
        form = {"key_format": "u32", "value_format": "hex"}
        assert write(fd, key=1, value="01 02 03 04 05 06", **form)["changed"] is True
        (entry,) = read(fd, **form)
        assert entry["per_cpu"] == [{"cpu": cpu, "value": "01 02 03 04 05 06"} for cpu in possible]
        assert write(fd, entries=[entry], **form)["changed"] is False
        first = {"key": 1, "per_cpu": [{"cpu": possible[0], "value": "ff 00 00 00 00 00"}]}
        if len(possible) > 1:
            assert f"per_cpu of CPU {possible[1]}: is missing" in refused(fd, entries=[first], **form)["msg"]
        assert write(fd, entries=[first], unlisted_fields="keep", **form)["counts"]["updated"] == 1
        (now,) = read(fd, **form)
        assert [slot["value"] for slot in now["per_cpu"]] == [
            "ff 00 00 00 00 00" if cpu == possible[0] else "01 02 03 04 05 06" for cpu in possible
        ]


def test_prefixes_are_meant_exactly():
    with objects.Map(map_types.LPM_TRIE, key=8, entries=9, flags=map_flags.F_NO_PREALLOC).create() as fd:
        form = {"key_format": "cidr", "value_format": "u32"}
        write(fd, entries=[{"key": "10.0.0.0/8", "value": 1}, {"key": "10.9.0.0/16", "value": 2}], **form)
        assert write(fd, key="10.77.0.0/8", value=1, **form)["changed"] is False
        # the kernel would find the prefix that covers it
        assert write(fd, key="10.9.1.0/24", state="absent", **form)["changed"] is False
        assert write(fd, key="10.9.1.0/24", value=2, **form)["counts"]["added"] == 1
        done = write(fd, entries=[{"key": "10.9.0.0/16", "value": 3}], purge=True, **form)
        assert done["counts"] == {"added": 0, "updated": 1, "deleted": 2, "unchanged": 0}
        assert read(fd, **form) == [{"key": "10.9.0.0/16", "value": 3}]


def test_entries_of_an_array_become_zero():
    with objects.Map(map_types.ARRAY, entries=4).create() as fd:
        write(fd, entries=listed({0: 1, 1: 2, 3: 4}), **NUMBERS)
        assert "absent_means=zero" in refused(fd, key=1, state="absent", **NUMBERS)["msg"]
        assert "absent_means=zero" in refused(fd, entries=listed({1: 2}), purge=True, **NUMBERS)["msg"]
        done = write(fd, entries=listed({1: 2}), purge=True, absent_means="zero", **NUMBERS)
        assert (done["counts"]["deleted"], numbers(fd)) == (2, {0: 0, 1: 2, 2: 0, 3: 0})
        assert write(fd, entries=listed({1: 2}), purge=True, absent_means="zero", **NUMBERS)["changed"] is False
        assert "key: there is no index 4" in refused(fd, key=4, value=1, **NUMBERS)["msg"]


@pytest.mark.parametrize("kind", [map_types.HASH_OF_MAPS, map_types.ARRAY_OF_MAPS])
def test_maps_in_maps_by_id_pin_and_name(bpffs, kind):
    shape, other = objects.Map(map_types.ARRAY, entries=2, name=b"fleet_inner"), objects.Map(map_types.ARRAY, entries=3)
    with objects.Map(kind, entries=4, inner=shape).create() as fd, shape.create() as inner, other.create() as misfit:
        objects.pin(inner, bpffs / "inner")
        number = objects.object_id(inner)
        ways = [{"id": number}, {"pinned": str(bpffs / "inner")}, {"name": "fleet_inner"}]
        results = [write(fd, key=1, value=way, key_format="u32")["changed"] for way in ways]
        assert results == [True, False, False]
        assert read(fd, key_format="u32") == [{"key": 1, "value": {"id": number}}]
        told = refused(fd, key=2, value={"id": objects.object_id(misfit)}, key_format="u32")
        assert "the map does not fit" in told["msg"].lower()
        assert (
            "there is no map with id=2147483646"
            in refused(fd, key=2, value={"id": 2147483646}, key_format="u32")["msg"]
        )
        assert write(fd, key=1, state="absent", key_format="u32")["changed"] is True
        assert read(fd) == []


def test_programs_are_written_where_somebody_keeps_the_map(bpffs):
    with objects.Map(map_types.PROG_ARRAY, entries=4).create() as fd, contents.program() as program:
        # this process has it open
        args = {"key": 2, "value": {"id": objects.object_id(program)}, "key_format": "u32"}
        assert write(fd, **args)["changed"] is True
        assert write(fd, **args)["changed"] is False
        objects.pin(fd, bpffs / "jumps")
        told = run_module("bpf_map_entry", dict(args, key=3, pinned=str(bpffs / "jumps")))
        assert told["changed"] is True
        assert [entry["key"] for entry in read(fd, key_format="u32")] == [2, 3]
        told = run_module(
            "bpf_map_entry", {"pinned": str(bpffs / "jumps"), "entries": [], "purge": True, "allow_empty": True}
        )
        assert (told["counts"]["deleted"], read(fd)) == (2, [])


@pytest.mark.parametrize(("kind", "first"), [(map_types.QUEUE, 7), (map_types.STACK, 9)])
def test_queues_and_stacks(kind, first):
    with objects.Map(kind, key=0, entries=3).create() as fd:
        assert "allow_non_idempotent=true" in refused(fd, value=7, value_format="u32")["msg"]
        args = {"value_format": "u32", "allow_non_idempotent": True}
        told = write(fd, entries=[{"value": 7}, {"value": 8}, {"value": 9}], _ansible_check_mode=True, **args)
        assert (told["changed"], read(fd)) == (True, [])
        assert write(fd, entries=[{"value": 7}, {"value": 8}, {"value": 9}], **args)["counts"]["added"] == 3
        told = refused(fd, value=10, **args)
        assert "it is full: it has room for 3 entries" in told["msg"].lower()
        assert (told["written"], told["changed"]) == (0, False)
        assert write(fd, state="absent", **args)["popped"] == [{"key": None, "value": first}]
        for _turn in range(2):
            write(fd, state="absent", **args)
        told = write(fd, state="absent", **args)
        assert (told["popped"], told["changed"]) == ([], False)


@pytest.mark.parametrize(
    "name",
    ["perf_event_array", "cgroup_array", "sockmap", "sockhash", "xskmap", "reuseport_sockarray", "sk_storage"]
    + ["ringbuf", "arena", "stack_trace", "struct_ops", "task_storage", "bloom_filter"],
)
def test_types_that_no_task_writes(handmade, name):
    if name not in handmade[0]:
        pytest.skip("this kernel does not have it")
    text = refused(handmade[0][name], entries=[{"key_raw": "00 00 00 00", "value_raw": "00 00 00 00"}])["msg"]
    assert text.startswith("cannot change map ")
    assert f" ({name} " in text
    assert len(text.partition("): ")[2]) > 30


# ---- what goes wrong


def test_a_full_map_says_so_before_the_first_write():
    with hash_of(4).create() as fd:
        write(fd, entries=listed({1: 1, 2: 2, 3: 3}), **NUMBERS)
        text = refused(fd, entries=listed({1: 9, 4: 4, 5: 5}), **NUMBERS)["msg"]
        assert "it is full: it has room for 4 entries and holds 3, and 2 more are wanted" in text
        assert numbers(fd) == {1: 1, 2: 2, 3: 3}
        # there is room once others are gone
        done = write(fd, entries=listed({3: 3, 4: 4, 5: 5, 6: 6}), purge=True, **NUMBERS)
        assert done["order"] == ["delete", "add"]
        assert "entries are deleted before others are added" in str(done["warnings"])
        assert numbers(fd) == {3: 3, 4: 4, 5: 5, 6: 6}


def test_a_full_trie_too():
    with objects.Map(map_types.LPM_TRIE, key=8, entries=1, flags=map_flags.F_NO_PREALLOC).create() as fd:
        args = {"key_format": "cidr", "value_format": "u32"}
        write(fd, key="10.0.0.0/8", value=1, **args)
        assert "it is full" in refused(fd, key="11.0.0.0/8", value=1, **args)["msg"]


def test_lru_maps_evict_and_are_not_purged():
    with objects.Map(map_types.LRU_HASH, entries=64).create() as fd:
        assert "LRU map" in refused(fd, entries=listed({1: 1}), purge=True, **NUMBERS)["msg"]
        told = write(fd, entries=listed(dict.fromkeys(range(600), 1)), **NUMBERS)
        assert told["evicted"] == 600 - len(numbers(fd))
        assert told["evicted"] > 0
        text = str(told["warnings"])
        assert "the kernel has evicted" in text
        assert "so full that the kernel may evict" in text


def test_a_frozen_map_is_left():
    with objects.Map(map_types.ARRAY, entries=2).create() as fd:
        write(fd, key=1, value=5, **NUMBERS)
        objects.freeze(fd)
        assert write(fd, key=1, value=5, **NUMBERS)["changed"] is False
        for check in (False, True):
            assert "it is frozen" in refused(fd, key=1, value=6, _ansible_check_mode=check, **NUMBERS)["msg"]


def test_the_first_refusal_ends_it_unless_the_task_goes_on():
    fits, misfit = objects.Map(map_types.ARRAY, entries=2), objects.Map(map_types.ARRAY, entries=3)
    with (
        objects.Map(map_types.HASH_OF_MAPS, entries=4, inner=fits).create() as fd,
        fits.create() as inner,
        misfit.create() as other,
    ):
        values = [objects.object_id(one) for one in (inner, other, inner)]
        args = {"entries": [{"key": at, "value": {"id": one}} for at, one in enumerate(values)], "key_format": "u32"}
        told = refused(fd, **args)
        assert (told["written"], told["not_attempted"], told["changed"]) == (1, 1, True)
        assert [one["key"] for one in told["failed_entries"]] == [1]
        assert [one["key"] for one in read(fd, key_format="u32")] == [0]
        told = refused(fd, on_error="continue", **args)
        assert (told["written"], told["not_attempted"], told["changed"]) == (1, 0, True)
        assert sorted(one["key"] for one in read(fd, key_format="u32")) == [0, 2]
        told = refused(fd, on_error="continue", **args)
        assert (told["written"], told["changed"]) == (0, False)


@pytest.mark.parametrize(
    ("kind", "text", "owned_bytes", "given", "zero"),
    [
        ("bpf_spin_lock", "{ __u32 val; }", 4, {"val": 77}, {"val": 0}),
        ("bpf_timer", "{ __u64 __opaque[2]; }", 16, {"__opaque": [77, 1]}, {"__opaque": [0, 0]}),
    ],
)
def test_the_bytes_of_locks_and_timers_are_the_kernels(bpffs, kind, text, owned_bytes, given, zero):
    declared = {"path": str(bpffs / "guarded"), "type": "hash", "max_entries": 4, "key_type": "__u32"}
    owned = {"types": f"struct {kind} {text};", "value_type": {"owned": f"struct {kind}", "n": "__u32"}}
    size = run_module("bpf_map", {**declared, **owned})["map"]["bytes_value"]
    entry = {"pinned": declared["path"], "key": 1, "value": {"owned": given, "n": 5}}
    done = run_module("bpf_map_entry", entry)
    assert done["changed"] and "no program uses the map" in str(done["warnings"])
    assert run_module("bpf_map_entry", entry)["changed"] is False
    assert run_module("bpf_map_entry", dict(entry, value={"owned": zero, "n": 6}))["changed"] is True
    # all other bytes count, those of the kernel do not
    value = (b"\xff" * owned_bytes + struct.pack("=I", 6)).ljust(size, b"\0").hex(" ")
    raw = {"pinned": declared["path"], "key_raw": "01 00 00 00", "value_raw": value}
    assert run_module("bpf_map_entry", dict(raw, key_format="hex", value_format="hex"))["changed"] is False
    (found,) = run_module("bpf_map_entry_info", {"pinned": declared["path"]})["entries"]
    assert found == {"key": 1, "value": {"owned": zero, "n": 6}}


BAD = [
    ({}, "nothing is to be written: give entries, src or key"),
    ({"entries": [{"key": 1}]}, "entries[0].value: is missing"),
    ({"entries": [{"value": 1}]}, "entries[0].key: is missing"),
    (
        {"entries": [{"key": 1, "value": 1}, {"key": "1", "value": 2}]},
        "entries[1].key: an earlier entry has the same key",
    ),
    ({"entries": [{"key": 1, "value": 1, "vaule": 2}]}, "entries[0].vaule: is no part of an entry"),
    ({"entries": [{"key": 1, "value": 1 << 32}]}, "entries[0].value: 4294967296 is out of range"),
    ({"entries": [{"key": 1, "value": True}]}, "entries[0].value: True is no integer"),
    ({"entries": ["x"]}, "entries[0]: an entry is a mapping"),
    ({"entries": [{"key": 1, "value": 1, "state": "gone"}]}, "entries[0].state: 'gone' is neither"),
    ({"entries": [], "purge": True}, "allow_empty=true"),
    ({"key": 1, "value": 1, "purge": True}, "purge deletes what a list does not have"),
    ({"entries": [{"key": 1, "per_cpu": []}]}, "entries[0].per_cpu: the map is not per CPU"),
    ({"key_raw": "01 00", "value": 1}, "key_raw: 2 bytes, but there have to be 4"),
    ({"key": 1, "value": 1, "ignore_fields": ["packets"]}, "only values with BTF have fields"),
    ({"key": 1, "value": 1, "absent_means": "zero"}, "absent_means is for arrays"),
    ({"key": 7, "value": 1, "flags": "exist"}, "is not in the map, and flags=exist"),
    ({"key": 5, "value": 1, "flags": "noexist"}, "is in the map with another value, and flags=noexist"),
    ({"entries": [{"key": 1, "value": 1}], "purge": True, "max_deletes": 0}, "max_deletes is 0"),
]


@pytest.mark.parametrize(("args", "text"), BAD)
def test_bad_input_is_refused_before_the_first_write(args, text):
    with hash_of(8).create() as fd:
        objects.update(fd, struct.pack("=I", 5), struct.pack("=I", 50))
        assert text in refused(fd, **dict(NUMBERS, **args))["msg"]
        assert numbers(fd) == {5: 50}


def test_bad_lines_are_named(tmp_path):
    path = tmp_path / "entries"
    with hash_of(8).create() as fd:
        good = json.dumps({"key": 1, "value": 1})
        for line, text in (
            ("{", "line 2: is not one entry as JSON"),
            ('{"key": "x", "value": 1}', "line 2: key: 'x' is no"),
        ):
            path.write_text(f"{good}\n{line}\n")
            assert text in refused(fd, src=str(path), remote_src=True, **NUMBERS)["msg"]
        assert numbers(fd) == {}
        assert "No such file" in refused(fd, src=str(tmp_path / "none"), remote_src=True, **NUMBERS)["msg"]


# ---- while others write, and after a death


def test_others_that_write_meanwhile(tmp_path):
    from test_map_entries import Writer

    path = tmp_path / "entries"
    wanted = {number: number + 1 for number in range(2000)}
    path.write_text("".join(json.dumps(entry) + "\n" for entry in listed(wanted)))
    with hash_of(4000).create() as fd, Writer(fd, 1 << 20) as writer:
        first = write(fd, src=str(path), remote_src=True, **NUMBERS)
        assert first["counts"]["added"] == 2000
        # a busy machine may give the writer no time while the module purges
        for _turn in range(50):
            told = write(fd, src=str(path), remote_src=True, purge=True, max_deletes=4000, **NUMBERS)
            assert told["counts"]["unchanged"] == 2000
            if told["counts"]["deleted"] and told["appeared_during_run"]:
                break
        assert told["counts"]["deleted"] > 0
        assert len(told["appeared_during_run"]) > 0
        assert "came during the run and are left" in str(told["warnings"])
        assert writer.turns > 100


def test_a_rival_is_told_and_fails_a_strict_task(tmp_path):
    from test_map_entries import Writer

    class Rival(Writer):
        """Sets the entries of the task to something else, over and over."""

        def run(self) -> None:
            while not self.over.is_set():
                for number in range(2000):
                    objects.update(self.fd, struct.pack("=I", number), b"mine")

    path = tmp_path / "entries"
    path.write_text("".join(json.dumps({"key": number, "value": 7}) + "\n" for number in range(2000)))
    args = {"src": str(path), "remote_src": True, **NUMBERS}
    with hash_of(4000).create() as fd, Rival(fd, 0):
        # the rival does not always get its turn between the task's writing and its second look
        for _turn in range(50):
            told = write(fd, **args)
            if told["drifted_during_run"]:
                break
        assert told["changed"] and 0 < len(told["drifted_during_run"]) <= 100
        assert "of the written entries are something else by now" in str(told["warnings"])
        for _turn in range(50):
            try:
                write(fd, verify="strict", **args)
            except ModuleFailed as failure:
                told = failure.result
                break
        assert told["changed"] is True
        assert "of the written entries are something else by now" in told["msg"]
    with hash_of(4000).create() as fd:
        assert write(fd, verify="strict", **args)["counts"]["added"] == 2000


def _killed_in_mid_write(fd, args) -> int:
    """Run the module and kill it as soon as the map has an entry; return how it ended."""
    killed = subprocess.Popen(modules.command("bpf_map_entry", args), stdout=subprocess.DEVNULL)
    info = bpf_map.Reader(fdinfo=False).read(0, fd.number).info
    there = Elements(fd.number, shape(info))
    while killed.poll() is None and there.next_key(None) is None:
        pass
    killed.kill()
    return killed.wait()


def test_a_second_run_goes_on_where_a_killed_one_was(tmp_path):
    path, count = tmp_path / "entries", 100000
    wanted = {number: number * 3 for number in range(count)}
    path.write_text("".join(json.dumps(entry) + "\n" for entry in listed(wanted)))
    with contextlib.ExitStack() as stack:
        # on a busy machine a run may be through before anybody sees that it has begun
        for _turn in range(20):
            fd = stack.enter_context(hash_of(count).create())
            args = dict(NUMBERS, id=objects.object_id(fd), src=str(path), remote_src=True)
            ended = _killed_in_mid_write(fd, args)
            there = numbers(fd)
            if ended == -signal.SIGKILL and 0 < len(there) < count:
                break
        assert ended == -signal.SIGKILL
        assert 0 < len(there) < count
        assert set(there.items()) <= set(wanted.items())
        told = run_module("bpf_map_entry", args)
        assert told["counts"]["added"] == count - len(there)
        assert told["counts"]["unchanged"] == len(there)
        assert numbers(fd) == wanted


# ---- how many calls


def _writes(strace, folder, fd, **args) -> list[str]:
    if not syscalls.works(strace, folder):
        pytest.skip("strace cannot trace processes here")
    trace = folder / "trace"
    trace.mkdir()
    run_module("bpf_map_entry", dict(args, id=objects.object_id(fd)), prefix=syscalls.command(strace, trace))
    names = [syscalls.bpf_command(line) for line in syscalls.read(trace) if line.startswith("bpf(")]
    for one in trace.iterdir():
        one.unlink()
    trace.rmdir()
    return [name for name in names if name not in syscalls.READ_COMMANDS]


def test_as_many_write_calls_as_there_have_to_be(strace, tmp_path):
    path, count = tmp_path / "entries", 20000
    wanted = {number: number * 3 for number in range(count)}
    path.write_text("".join(json.dumps(entry) + "\n" for entry in listed(wanted)))
    with hash_of(count).create() as fd:
        args = dict(NUMBERS, src=str(path), remote_src=True)
        assert _writes(strace, tmp_path, fd, **args) == ["BPF_MAP_UPDATE_BATCH"] * 5
        assert _writes(strace, tmp_path, fd, **args) == []
        for number in random.Random(1).sample(range(count), count // 100):
            objects.update(fd, struct.pack("=I", number), b"else")
        assert _writes(strace, tmp_path, fd, _ansible_check_mode=True, **args) == []
        assert _writes(strace, tmp_path, fd, **args) == ["BPF_MAP_UPDATE_BATCH"]
        assert numbers(fd) == wanted
