# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_flags, map_types, prog_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import record as rec


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"filter\0\0\0\0", "filter"),
        (b"sixteen_bytes_xx", "sixteen_bytes_xx"),
        (b"", ""),
        (b"\0rest", ""),
        (b"caf\xc3\xa9", "caf\xe9"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"a\nb\x1b[31m", "a\nb\x1b[31m"),
    ],
)
def test_text(raw, text):
    assert rec.text(raw) == text


@given(st.binary())
def test_every_name_of_the_kernel_can_be_sent_as_json(raw):
    text = rec.text(raw)
    assert json.loads(json.dumps(text)) == text
    text.encode("utf-8")
    assert "\0" not in text


@pytest.mark.parametrize(
    ("names", "number", "name"),
    [
        (prog_types.NAMES, 6, "xdp"),
        (prog_types.NAMES, 0, "unspec"),
        (map_types.NAMES, 1, "hash"),
        (prog_types.NAMES, len(prog_types.NAMES), str(len(prog_types.NAMES))),
        (map_types.NAMES, 2**32 - 1, "4294967295"),
        (map_types.NAMES, -1, "-1"),
    ],
)
def test_an_enum_number_is_a_name_or_itself_as_a_string(names, number, name):
    assert rec.number_name(names, number) == name


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (0, []),
        (0x1, ["no_prealloc"]),
        (0x81, ["no_prealloc", "rdonly_prog"]),
        (0x80000001, ["no_prealloc", "0x80000000"]),
        (1 << 40, ["0x10000000000"]),
    ],
)
def test_flag_names(flags, names):
    assert rec.flag_names(map_flags.NAMES, flags) == names


@given(st.integers(0, 2**32 - 1))
def test_no_flag_is_lost(flags):
    numbers = {name: mask for mask, name in map_flags.NAMES.items()}
    assert (
        sum(numbers[name] if name in numbers else int(name, 16) for name in rec.flag_names(map_flags.NAMES, flags))
        == flags
    )


FDINFO = b"pos:\t0\nflags:\t02\nmemlock:\t4096\nmap_id:\t7\nx_frozen:\t5\nfrozen:\t1\n"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        (FDINFO, b"memlock", b"4096"),
        (FDINFO, b"frozen", b"1"),
        (FDINFO, b"map_i", None),
        (FDINFO, b"owner_jited", None),
        (FDINFO[:-1], b"frozen", b"1"),
        (b"pos:\t0\nfrozen:", b"frozen", b""),
        (b"", b"frozen", None),
    ],
)
def test_keys_of_fdinfo_are_matched_whole(text, key, value):
    assert rec.fdinfo_value(text, key) == value


@given(st.binary(), st.sampled_from([b"memlock", b"frozen"]))
def test_no_fdinfo_breaks_the_search(text, key):
    value = rec.fdinfo_value(b"pos:\t0\n" + text, key)
    assert value is None or value in text


@given(st.dictionaries(st.sampled_from([b"memlock", b"frozen", b"map_id", b"map_type"]), st.integers(0, 2**64 - 1)))
def test_every_line_is_found(pairs):
    text = b"pos:\t0\n" + b"".join(b"%s:\t%d\n" % pair for pair in pairs.items())
    for key in (b"memlock", b"frozen", b"map_id", b"map_type"):
        value = rec.fdinfo_value(text, key)
        assert (None if value is None else int(value)) == pairs.get(key)


def test_a_device_has_an_index():
    assert rec.device(0, 4, 5, "eth0") is None
    assert rec.device(3, 4, 5, None) == {"ifindex": 3, "ns_dev": 4, "ns_inode": 5, "ifname": None}


def test_fields_behind_the_reach_of_the_kernel():
    fields = {"a": "field_a", "b": "field_b"}
    assert rec.missing_fields(fields, lambda field: field == "field_a") == {"b": "unsupported"}


def test_hiding_sets_null_and_says_why():
    record = {"id": 1, "a": 5, "b": 6}
    assert rec.hide(record, {"a": "EPERM"}) is record
    rec.hide(record, {"b": "unsupported"})
    assert record == {"id": 1, "a": None, "b": None, "unavailable": {"a": "EPERM", "b": "unsupported"}}


def test_hiding_nothing_adds_nothing():
    assert rec.hide({"id": 1}, {}) == {"id": 1}


def test_an_unreadable_object_has_all_keys():
    assert rec.unreadable(7, ("id", "type", "name"), "ENODEV") == {
        "id": 7,
        "type": None,
        "name": None,
        "unavailable": {"type": "ENODEV", "name": "ENODEV"},
    }
