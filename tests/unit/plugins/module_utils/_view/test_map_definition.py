# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import map_definition as definition

HASH = {"type": "hash", "key_size": 4, "value_size": 8, "max_entries": 16}


def whole(**given):
    return definition.complete(given, 4)


def test_what_goes_without_saying():
    assert whole(type="array", value_size=8, max_entries=2) == {
        "type": "array", "key_size": 4, "value_size": 8, "max_entries": 2, "flags": []
    }  # fmt: skip
    assert whole(type="ringbuf", max_entries=4096)["value_size"] == 0
    assert whole(type="task_storage", value_size=4)["max_entries"] == 0
    assert (
        whole(type="perf_event_array")["max_entries"]
        == whole(type="perf_event_array", max_entries=0)["max_entries"]
        == 4
    )
    assert whole(type="perf_event_array", max_entries=2)["max_entries"] == 2
    assert whole(type="hash_of_maps", inner_map={"type": "array", "value_size": 4})["inner_map"]["key_size"] == 4
    assert whole(max_entries=3) == {"max_entries": 3}


def test_order_and_flags_are_always_the_same():
    first = whole(flags=["zero_seed", "no_prealloc", "zero_seed"], **HASH)
    assert first["flags"] == ["no_prealloc", "zero_seed"] and list(first) == [*HASH, "flags"]
    assert definition.flag_bits(first["flags"]) == 0x41 and definition.flag_bits(["0x40000000"]) == 1 << 30


@pytest.mark.parametrize("name", definition.TYPES)
def test_every_type_has_a_number(name):
    assert definition.name_of(definition.type_number(name)) == name


def test_numbers_that_nobody_has_named():
    assert definition.name_of(0) == "0" and definition.name_of(999) == "999"
    assert definition.type_number("hash") == map_types.HASH


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"type": "hash", "value_size": 8, "max_entries": 16}, "needs key_size, the bytes of a key"),
        ({"type": "hash", "key_size": 4, "max_entries": 16}, "needs value_size"),
        ({"type": "array", "value_size": 4}, "needs max_entries"),
        (dict(HASH, name="a-b"), "is no name for a map"),
        (dict(HASH, name="sixteen_letters_"), "is no name for a map"),
        (dict(HASH, type="array", key_size=8), "key_size is 4 in every map of type array, not 8"),
        (dict(HASH, type="lpm_trie"), "needs the flag no_prealloc"),
        ({"type": "task_storage", "value_size": 4}, "needs the flag no_prealloc"),
        ({"type": "task_storage", "value_size": 4, "flags": ["no_prealloc"]}, "needs key_type"),
        ({"type": "task_storage", "value_size": 4, "flags": ["no_prealloc"], "max_entries": 1}, "no max_entries"),
        ({"type": "ringbuf", "max_entries": 5000}, "a power of two"),
        ({"type": "ringbuf", "max_entries": 0}, "a power of two"),
        ({"type": "arena", "max_entries": 10}, "needs the flag mmapable"),
        (dict(HASH, max_entries=0), "must be 1 or more"),
        ({"type": "array_of_maps", "max_entries": 1}, "needs inner_map"),
        (
            {"type": "array_of_maps", "max_entries": 1, "inner_map": {"type": "hash", "key_size": 4}},
            "inner_map: .*value",
        ),
        ({"type": "array_of_maps", "max_entries": 1, "inner_map": {"type": "hash_of_maps"}}, "cannot be nested"),
        (dict(HASH, inner_map={"type": "array"}), "goes with array_of_maps and hash_of_maps, not with hash"),
    ],
)
def test_what_cannot_be_made(given, words):
    import re

    assert re.search(words, definition.refusal(whole(**given)))


@pytest.mark.parametrize(
    "given",
    [
        HASH,
        dict(HASH, name="fleet.test_1"),
        {"type": "ringbuf", "max_entries": 4096},
        {"type": "cgroup_storage", "key_size": 16, "value_size": 4, "max_entries": 0},
        {"type": "hash_of_maps", "key_size": 4, "max_entries": 1, "inner_map": HASH},
        {
            "type": "sk_storage",
            "value_size": 4,
            "flags": ["no_prealloc"],
            "key_type": "s32",
            "value_type": "s32",
        },
    ],
)
def test_what_can_be_made(given):
    assert definition.refusal(whole(**given)) == ""


@pytest.mark.parametrize(
    ("kind", "key", "value", "can"),
    [
        ("hash", True, True, True),
        ("hash", False, True, False),
        ("hash", True, False, False),
        ("bloom_filter", False, True, True),
        ("bloom_filter", True, True, False),
        ("queue", False, True, False),
        ("prog_array", True, True, False),
    ],
)
def test_which_maps_take_types(kind, key, value, can):
    assert definition.takes_types(kind, key, value) is can
    assert definition.types_of(kind).startswith("maps of type " + kind)


def test_the_kernel_rounds_entries_where_each_cpu_has_its_list():
    wanted = whole(**{**HASH, "type": "lru_hash", "flags": ["no_common_lru"], "max_entries": 17})
    assert definition.kept(wanted, 4)["max_entries"] == 20 and definition.kept(wanted, 1)["max_entries"] == 17
    assert definition.kept(HASH, 4) == HASH


def there(**other):
    record = {"type": "hash", "bytes_key": 4, "bytes_value": 8, "max_entries": 16, "name": "x"}
    record.update(flag_names=[], map_extra=0)
    return dict(definition.found(record, None, "u64", None), **other)


def test_differences_tell_both_sides():
    assert definition.differences(there(), whole(**HASH)) == []
    wanted = whole(flags=["no_prealloc"], key_type="u32", **{**HASH, "max_entries": 8})
    assert definition.differences(there(), wanted) == [
        "max_entries is 16, declared 8",
        "flags is none, declared no_prealloc",
        "key_type is none, declared u32",
    ]


def test_flags_that_the_kernel_gives_by_itself_are_not_compared():
    record = {"type": "devmap", "bytes_key": 4, "bytes_value": 4, "max_entries": 1, "name": "x", "map_extra": 0}
    told = definition.found(dict(record, flag_names=["rdonly_prog"]), None, None, None)
    assert told["flags"] == []
    record.update(type="array", flag_names=["rdonly_prog"])
    assert definition.found(record, None, None, None)["flags"] == ["rdonly_prog"]


def test_what_is_not_declared_is_not_compared():
    assert definition.differences(there(name="other", value_type="u8"), whole(**HASH)) == []
    assert definition.shown(there(), {"max_entries": 3}) == {"max_entries": 16}


def test_maps_within_are_compared_as_far_as_they_are_told():
    wanted = {"inner_map": whole(**HASH)}
    assert definition.differences(there(), wanted) == []
    inner = {"type": "hash", "key_size": 4, "value_size": 8, "flags": []}
    assert definition.differences(there(inner_map=inner), wanted) == []
    (told,) = definition.differences(there(inner_map=dict(inner, value_size=4)), wanted)
    assert told.startswith("inner_map is (type hash, key_size 4, value_size 4,") and "declared (" in told


@pytest.mark.parametrize(
    ("path", "name"), [("/sys/fs/bpf/x", "x"), ("/b/a-b", "a_b"), ("/b/" + "x" * 30, "x" * 15), ("/b/ä", "_")]
)
def test_names_of_maps_that_are_given_none(path, name):
    assert definition.default_name(path) == name
