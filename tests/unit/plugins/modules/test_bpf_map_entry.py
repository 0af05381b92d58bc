# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import gzip
import json
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types
from ansible_collections.ebpf.fleet.plugins.modules import bpf_map_entry, bpf_map_entry_info
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
from ansible_collections.ebpf.fleet.tests.unit.support import fake_writes
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

UPDATE, DELETE = "BPF_MAP_UPDATE_BATCH", "BPF_MAP_DELETE_BATCH"
NUMBERS = {"key_format": "u32", "value_format": "u64"}


def number(value):
    return struct.pack("=I", value)


def long(value):
    return struct.pack("=Q", value)


@pytest.fixture
def host(kernel):
    """A fake kernel that writes, with a hash of three entries and room for eight."""
    fake_writes.install(kernel)
    kernel.add_map(40, name=b"table", max_entries=8, entries={number(n): long(10 * n) for n in (1, 2, 3)})
    return kernel


@pytest.fixture
def run(host, capsys):
    def call(**args):
        return run_module(bpf_map_entry.main, capsys, **dict({"id": 40}, **args))

    return call


def content(host, map_id=40):
    return {
        struct.unpack("=I", key)[0]: struct.unpack("=Q", value)[0]
        for key, value in host.objects["map"][map_id].entries.items()
    }


def listed(wanted):
    return [{"key": key, "value": value} for key, value in wanted.items()]


def test_only_what_differs_is_written(run, host):
    told = run(entries=listed({1: 10, 2: 21, 4: 40}), _ansible_diff=True, **NUMBERS)
    assert told["counts"] == {"added": 1, "updated": 1, "deleted": 0, "unchanged": 1}
    assert (told["changed"], told["written"], told["order"]) == (True, 2, ["update", "add"])
    assert told["diff"] == {"before": {"entries": listed({2: 20})}, "after": {"entries": listed({2: 21, 4: 40})}}
    assert content(host) == {1: 10, 2: 21, 3: 30, 4: 40}
    assert fake_writes.writes(host) == [UPDATE]
    assert told["map"]["name"] == "table"
    again = run(entries=listed({1: 10, 2: 21, 4: 40}), **NUMBERS)
    assert (again["changed"], again["written"]) == (False, 0)
    assert fake_writes.writes(host) == [UPDATE]


def test_check_mode_tells_the_same_and_writes_nothing(run, host):
    args = dict(NUMBERS, entries=listed({1: 11}), purge=True, _ansible_diff=True)
    told = run(_ansible_check_mode=True, **args)
    assert (content(host), fake_writes.writes(host)) == ({1: 10, 2: 20, 3: 30}, [])
    done = run(**args)
    assert {key: told[key] for key in ("changed", "counts", "diff", "order")} == {
        key: done[key] for key in ("changed", "counts", "diff", "order")
    }
    assert content(host) == {1: 11}
    assert fake_writes.writes(host) == [UPDATE, DELETE]


def test_what_was_read_changes_nothing(run, host, capsys):
    entries = run_module(bpf_map_entry_info.main, capsys, id=40)["entries"]
    assert run(entries=entries)["changed"] is False
    assert run(entries=entries, purge=True)["changed"] is False
    assert fake_writes.writes(host) == []


def test_states_of_entries(run, host):
    entries = [{"key": 1, "state": "absent"}, {"key": 9, "state": "absent"}, {"key": 4, "value": 4}]
    told = run(entries=entries, **NUMBERS)
    assert told["counts"] == {"added": 1, "updated": 0, "deleted": 1, "unchanged": 1}
    assert content(host) == {2: 20, 3: 30, 4: 4}
    assert run(entries=listed({2: 99}), state="absent", **NUMBERS)["counts"]["deleted"] == 1


def test_as_many_calls_as_batches(run, host, tmp_path):
    host.objects["map"][40].info["max_entries"] = 20000
    path = tmp_path / "entries"
    lines = [json.dumps(entry) + "\n" for entry in listed(dict.fromkeys(range(9000), 7))]
    path.write_bytes(gzip.compress("".join(lines).encode()))
    told = run(src=str(path), remote_src=True, **NUMBERS)
    assert told["counts"] == {"added": 8997, "updated": 3, "deleted": 0, "unchanged": 0}
    assert fake_writes.writes(host) == [UPDATE] * 3
    assert run(src=str(path), remote_src=True, **NUMBERS)["changed"] is False
    assert fake_writes.writes(host) == [UPDATE] * 3


def test_without_batches(run, host):
    host.release = "5.5"
    run(entries=listed({1: 11, 4: 40, 5: 50}), purge=True, **NUMBERS)
    assert content(host) == {1: 11, 4: 40, 5: 50}
    # one try, and the kernel has not looked at the entries
    assert fake_writes.writes(host) == [UPDATE, *["BPF_MAP_UPDATE_ELEM"] * 3, DELETE, *["BPF_MAP_DELETE_ELEM"] * 2]


def test_flags_go_to_the_kernel(run, host):
    run(key=4, value=40, flags="noexist", **NUMBERS)
    run(key=4, value=41, flags="exist", **NUMBERS)
    made = [call for call in host.calls if call.name == "BPF_MAP_UPDATE_ELEM"]
    assert [struct.unpack_from("=Q", call.attr, 24)[0] for call in made] == [1, 2]
    # equal content is fine with all of them
    assert run(key=4, value=41, flags="noexist", **NUMBERS)["changed"] is False


def test_purge_is_bounded(run, host):
    many = {number(n): long(n) for n in range(200)}
    host.objects["map"][40].entries, host.objects["map"][40].info["max_entries"] = many, 2000
    text = run(entries=listed({1: 1}), purge=True, **NUMBERS)["msg"]
    assert text.endswith("purge would delete 199 of 200 entries, and max_deletes is 100")
    assert fake_writes.writes(host) == []
    assert run(entries=listed({1: 1}), purge=True, max_deletes=199, **NUMBERS)["counts"]["deleted"] == 199
    assert "allow_empty" in run(entries=[], purge=True, **NUMBERS)["msg"]
    assert run(entries=[], purge=True, allow_empty=True, **NUMBERS)["counts"]["deleted"] == 1
    assert content(host) == {}


def test_the_first_failure_stops(run, host):
    host.objects["map"][40].type = map_types.HASH

    def only(call):
        return call.name == "BPF_MAP_UPDATE_ELEM"

    host.fault(commands.BPF_MAP_UPDATE_BATCH, 524)
    host.fault(commands.BPF_MAP_UPDATE_ELEM, errno.ENOMEM, times=1, when=only)
    told = run(entries=listed({4: 4, 5: 5, 6: 6}), **NUMBERS)
    assert told["failed"] is True
    assert "cannot write the entry of key 4 into map 40 (hash table): BPF_MAP_UPDATE_ELEM" in told["msg"]
    assert "The kernel has no memory for another entry" in told["msg"]
    assert (told["written"], told["not_attempted"], told["changed"]) == (0, 2, False)
    assert told["failed_entries"][0]["key"] == 4
    assert told["failure"]["name"] == "ENOMEM"
    host.fault(commands.BPF_MAP_UPDATE_ELEM, errno.ENOMEM, times=1, when=only)
    told = run(entries=listed({4: 4, 5: 5, 6: 6}), on_error="continue", **NUMBERS)
    assert (told["written"], told["not_attempted"], told["changed"]) == (2, 0, True)
    assert content(host) == {1: 10, 2: 20, 3: 30, 5: 5, 6: 6}


def test_a_map_that_others_fill_meanwhile(run, host):
    host.objects["map"][40].info["max_entries"] = 5

    def fill(_call):
        host.objects["map"][40].entries[number(99)] = long(1)

    host.before(commands.BPF_MAP_UPDATE_BATCH, fill)
    told = run(entries=listed({4: 4, 5: 5}), **NUMBERS)
    assert "it is full: it has room for 5 entries" in told["msg"].lower()
    assert (told["written"], told["changed"], told["failed_entries"][0]["key"]) == (1, True, 5)


def test_others_that_write_meanwhile_are_told(run, host):
    def write(_call):
        host.objects["map"][40].entries[number(7)] = long(7)

    host.before(commands.BPF_MAP_DELETE_BATCH, write)
    told = run(entries=listed({1: 10}), purge=True, **NUMBERS)
    assert told["appeared_during_run"] == [7]
    assert "1 entries came during the run and are left: 7" in str(told["warnings"])
    assert content(host) == {1: 10, 7: 7}

    def drift(_call):
        host.objects["map"][40].entries[number(1)] = long(99)

    host._befores = [(commands.BPF_MAP_LOOKUP_BATCH, drift, lambda call: UPDATE in fake_writes.writes(host))]
    told = run(key=1, value=11, **NUMBERS)
    assert (told["drifted_during_run"], told["changed"]) == ([1], True)
    assert "1 of the written entries are something else by now: 1" in str(told["warnings"])
    told = run(key=1, value=12, verify="strict", **NUMBERS)
    assert told["failed"] is True
    assert (told["changed"], "something else by now" in told["msg"]) == (True, True)


def test_lru(run, host):
    host.objects["map"][40].info.update(type=map_types.LRU_HASH, max_entries=4)
    assert "LRU" in run(entries=listed({1: 1}), purge=True, **NUMBERS)["msg"]
    told = run(entries=listed({5: 5, 6: 6, 7: 7, 8: 8, 9: 9}), **NUMBERS)
    assert told["evicted"] == 1
    assert "8 entries of 4 is so full" in str(told["warnings"])


def test_a_frozen_map(run, host):
    host.objects["map"][40].frozen = 1
    assert run(key=1, value=10, **NUMBERS)["changed"] is False
    assert "it is frozen" in run(key=1, value=11, **NUMBERS)["msg"]
    assert fake_writes.writes(host) == []


def test_a_map_that_cannot_be_opened_for_writing(run, host):
    host.fault(commands.BPF_MAP_GET_FD_BY_ID, errno.EPERM, when=lambda call: not any(call.attr[8:12]))
    told = run(key=1, value=11, **NUMBERS)
    assert told["msg"].startswith("cannot write into map 40 (hash table): BPF_MAP_GET_FD_BY_ID")
    assert run(key=1, value=10, **NUMBERS)["changed"] is False


def test_queues(run, host):
    host.objects["map"][40].info.update(type=map_types.QUEUE, key_size=0)
    args = {"value_format": "u64", "allow_non_idempotent": True}
    assert "allow_non_idempotent" in run(value=7, value_format="u64")["msg"]
    told = run(entries=[{"value": 7}, {"value": 8}], **args)
    assert (told["changed"], told["written"], told["counts"]["added"]) == (True, 2, 2)
    assert run(state="absent", _ansible_check_mode=True, **args)["popped"] == [{"key": None, "value": 7}]
    assert run(state="absent", **args)["popped"] == [{"key": None, "value": 7}]
    assert host.objects["map"][40].queue == [long(8)]
    run(state="absent", **args)
    assert run(state="absent", **args)["changed"] is False
    host.objects["map"][40].info["max_entries"] = 1
    told = run(entries=[{"value": 7}, {"value": 8}, {"value": 9}], **args)
    assert (told["written"], told["not_attempted"], told["changed"]) == (1, 1, True)
    assert "it is full" in told["msg"].lower()
    run(value=10, flags="exist", **args)
    assert host.objects["map"][40].queue == [long(10)]
    keyed, flagged = {"key": 1, "value": 1}, {"flags": "noexist", "value": 1}
    for wrong, text in ((keyed, "no key"), (flagged, "flags=noexist"), ({}, "pushed")):
        assert text in run(**dict(args, **wrong))["msg"]


def test_programs_by_id_and_name(run, host, monkeypatch):
    host.objects["map"][40].info.update(type=map_types.PROG_ARRAY, value_size=4)
    host.objects["map"][40].entries = {}
    host.add_program(70, name=b"gate_with_a_lon")
    from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_users

    kept = []
    monkeypatch.setattr(map_users, "kept_by_others", lambda map_id: bool(kept))
    assert "pin the map first" in run(key=1, value={"id": 70}, key_format="u32")["msg"]
    kept.append(True)
    assert run(key=1, value={"id": 70}, key_format="u32")["changed"] is True
    assert host.objects["map"][40].entries == {number(1): number(70)}
    assert run(key=1, value={"name": "gate_with_a_long_name"}, key_format="u32")["changed"] is False
    assert "there is no program with id=71" in run(key=2, value={"id": 71}, key_format="u32")["msg"]
    assert "none is called nobody" in run(key=2, value={"name": "nobody"}, key_format="u32")["msg"]
    assert "one of id, pinned and name" in run(key=2, value={"tag": "1"}, key_format="u32")["msg"]


def typed(host):
    """Make map 41 with values of struct {u32 lock; u32 limit; u8 kind; 3 bytes of padding; u32 packets}."""
    made = Builder()
    word, byte = made.integer("u32", 4, 0), made.integer("u8", 1, 0)
    lock = made.struct(4, ("val", word, 0), name="bpf_spin_lock")
    value = made.struct(16, ("lock", lock, 0), ("limit", word, 32), ("kind", byte, 64), ("packets", word, 96))
    btf = host.add_btf(blob=made.blob())
    old = struct.pack("=IIB3sI", 0, 5, 1, b"pad", 1000)
    types = {"btf_id": btf.id, "btf_key_type_id": word, "btf_value_type_id": value}
    host.add_map(41, value_size=16, entries={number(1): old}, **types)


def test_parts_of_values(run, host):
    typed(host)
    entries = host.objects["map"][41].entries

    def said(**value):
        return dict(lock={"val": 0}, **value)

    # locks and padding do not count
    same = run(id=41, key=1, value=dict(said(limit=5, kind=1, packets=1000), lock={"val": 9}))
    assert same["changed"] is False
    told = run(id=41, key=1, value={"limit": 6})
    assert "value.lock, value.kind, value.packets: is missing" in told["msg"]
    kept = {"unlisted_fields": "keep", "ignore_fields": ["packets"]}
    assert run(id=41, key=1, value={"limit": 6}, **kept)["counts"]["updated"] == 1
    assert entries[number(1)] == struct.pack("=IIB3sI", 0, 6, 1, b"pad", 1000)
    assert run(id=41, key=1, value={"limit": 6, "packets": 7}, **kept)["changed"] is False
    assert "there is no old value to keep value.lock" in run(id=41, key=2, value={"limit": 6}, **kept)["msg"]
    assert run(id=41, key=1, value={"kind": 2}, unlisted_fields="zero", ignore_fields=["packets"])["changed"] is True
    assert entries[number(1)] == struct.pack("=IIB3sI", 0, 0, 2, b"pad", 1000)
    told = run(id=41, key=1, value=said(limit=1, kind=1), ignore_fields=["packets"])
    assert entries[number(1)] == struct.pack("=IIB3sI", 0, 1, 1, b"pad", 1000)
    assert "there is no field bytes" in run(id=41, key=1, value={}, ignore_fields=["bytes"])["msg"]


@pytest.fixture
def pinned(host, bpffs, capsys):
    """Run the module on the same map by a pin."""
    bpffs.add(b"/bpf/table", host.objects["map"][40])

    def call(**args):
        path = bpffs.text(b"/bpf/table")
        return run_module(bpf_map_entry.main, capsys, pinned=path, **dict(NUMBERS, **args))

    return call


def test_a_pin_that_no_program_uses_is_told(pinned, host):
    # what was warned of once stays with the process: what is quiet comes first
    assert "no program" not in str(pinned(key=1, value=10))
    program = host.add_program(70, map_ids=[40])
    assert "no program" not in str(pinned(key=1, value=11))
    host.remove(program)
    assert "no program uses the map" in str(pinned(key=1, value=12)["warnings"])
    assert content(host)[1] == 12


def test_a_pin_that_becomes_another_map(pinned, host, bpffs):
    other = host.add_map(42)
    fetched = []

    def change(_call):
        fetched.append(1)
        if len(fetched) > 1:
            bpffs.add(b"/bpf/table", other)

    host.before(commands.BPF_OBJ_GET, change)
    assert "another map was pinned in its place" in pinned(key=1, value=11)["msg"]
    assert (content(host)[1], other.entries) == (10, {})


def test_options_that_do_not_go_together(run):
    for args, text in (
        ({}, "nothing is to be written"),
        ({"entries": [], "src": "x"}, "mutually exclusive"),
        ({"key": 1, "value": 1, "value_raw": "00"}, "mutually exclusive"),
        ({"key": 1, "value": 1, "purge": True}, "purge deletes what a list does not have"),
        ({"entries": [], "purge": True, "max_deletes": -1}, "max_deletes: -1"),
        ({"key": 1, "value": 1, "absent_means": "zero"}, "absent_means is for arrays"),
        ({"id": 41, "key": 1, "value": 1}, "there is no map with id=41"),
        ({"src": "/nowhere", "remote_src": True}, "No such file"),
    ):
        assert text in run(**dict(NUMBERS, **args))["msg"], args
