# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import struct
from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import forms
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry import Entries
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_wanted import Terms, Wanted
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def number(value):
    return struct.pack("=I", value)


def wanted(records=(), kind=map_types.HASH, key=4, value=4, form=("u32", "u32"), terms=None, typing=None, cpus=(0, 2)):
    info = SimpleNamespace(type=kind, key_size=key, value_size=value, map_flags=0, max_entries=10)
    asked, typing = forms.Wanted(*form), typing or forms.Typing()
    form = forms.key_form(info, typing, asked), forms.value_form(info, typing, asked)
    made = Wanted(Entries(shape(info, cpus), *form), info, terms or Terms())
    made.add(list(records), "entries[{}].".format)
    return made


def wrong(records, **options):
    with pytest.raises(WrongValue) as caught:
        wanted(records, **options)
    return str(caught.value)


def test_keys_and_values():
    made = wanted([{"key": 1, "value": 2}, {"key": "0x3", "value": "4"}])
    assert made.values == {number(1): number(2), number(3): number(4)}
    assert (made.mask, made.masks, made.lacks, made.given) == (None, {}, {}, {})


def test_many_are_the_same_as_one_by_one():
    records = [{"key": one, "value": 2 * one} for one in range(5000)]
    plain = wanted(records)
    assert plain.values == wanted([*records[:-1], dict(records[-1], state="present")]).values
    assert len(plain.values) == 5000


def hex_line(key, value):
    return f'{{"key":"{number(key).hex(" ")}","value":"{number(value).hex(" ")}"}}\n'.encode()


HEX = ("hex", "hex")
SOME = b"".join([hex_line(key, key * 3) for key in range(100, 200)])


@pytest.mark.parametrize("kind", [map_types.HASH, map_types.PERCPU_HASH])
def test_lines_of_a_dump_are_the_same_as_their_entries(kind):
    lines = b"".join([hex_line(key, key) for key in range(100)])
    made = wanted(kind=kind, form=HEX)
    assert made.add_lines(lines) and made.add_lines(SOME)
    records = [json.loads(line) for line in (lines + SOME).splitlines()]
    assert made.values == wanted(records, kind=kind, form=HEX).values


@pytest.mark.parametrize(
    ("line", "options"),
    [
        (b'{"key":"02","value":"02"}\n', {}),
        (hex_line(1, 1).replace(b"01", b"0x", 1), {}),
        (hex_line(1, 1), {"form": ("u32", "hex")}),
        (hex_line(1, 1), {"form": ("hex", "u32")}),
        (hex_line(1, 1), {"terms": Terms("absent")}),
        (hex_line(1, 1), {"kind": map_types.ARRAY}),
        (hex_line(1, 1) + hex_line(1, 2), {}),
    ],
)
def test_other_lines_are_not_taken(line, options):
    made = wanted(**{"form": HEX, **options})
    assert made.add_lines(SOME + line) is False and made.values == {}


def test_a_key_that_comes_twice_in_lines_is_named():
    made = wanted(form=HEX)
    assert made.add_lines(SOME)
    again = b"".join([hex_line(3, 3), hex_line(102, 5), *[hex_line(key, 0) for key in range(1000, 1100)]])
    assert made.add_lines(again) is False
    with pytest.raises(WrongValue) as caught:
        made.add([json.loads(line) for line in again.splitlines()], "line {}: ".format)
    assert caught.value.field == "line 1: key" and "an earlier entry has the same key" in str(caught.value)


def test_states():
    made = wanted([{"key": 1, "state": "absent"}, {"key": 2, "value": 2}])
    assert made.values == {number(1): None, number(2): number(2)}
    made = wanted([{"key": 1, "value": "not looked at"}], terms=Terms("absent"))
    assert made.values == {number(1): None}


def test_bytes_win():
    made = wanted([{"key": 1, "key_raw": "02 00 00 00", "value": 3, "value_raw": "04 00 00 00"}])
    assert list(made.values.values()) == [bytes.fromhex("04000000")]
    assert list(made.values) == [bytes.fromhex("02000000")]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"key": 1}, "entries[0].value: is missing"),
        ({"value": 1}, "entries[0].key: is missing"),
        ({"key": -1, "value": 1}, "entries[0].key: -1 is out of range"),
        ({"key": 1, "value": 1, "inner": {}}, "entries[0].inner: is no part of an entry"),
        ({"key": 1, "value": 1, "state": "gone"}, "entries[0].state: 'gone' is neither"),
        ({"key": 1, "per_cpu": []}, "entries[0].per_cpu: the map is not per CPU"),
        ({"key": 1, "value_raw": "00"}, "entries[0].value_raw: 1 bytes"),
        (["key"], "entries[0]: an entry is a mapping"),
    ],
)
def test_what_is_wrong_is_named(record, text):
    assert wrong([record]).startswith(text)


def test_the_same_key_twice():
    assert wrong([{"key": 1, "value": 1}, {"key": "1", "value": 1}]).startswith("entries[1].key: an earlier entry")
    made = wanted([{"key": 1, "value": 1}])
    with pytest.raises(WrongValue, match="line 9: key"):
        made.add([{"key": 2, "value": 1}, {"key": 1, "value": 1}], lambda at: f"line {8 + at}: ")


def test_indices():
    assert wrong([{"key": 10, "value": 1}], kind=map_types.ARRAY) == (
        "entries[0].key: there is no index 10: the map has those from 0 to 9"
    )
    assert list(wanted([{"key": 9, "value": 1}], kind=map_types.ARRAY).values) == [number(9)]


def test_prefixes():
    trie = {"kind": map_types.LPM_TRIE, "key": 8, "form": ("hex", "u32")}
    made = wanted([{"key": "08 00 00 00 0a 09 09 09", "value": 1}], **trie)
    meant = number(8) + bytes([10, 0, 0, 0])
    assert list(made.values) == [meant]
    assert made.given == {meant: number(8) + bytes([10, 9, 9, 9])}
    assert "a prefix of 33 bits" in wrong([{"key": "21 00 00 00 0a 09 09 09", "value": 1}], **trie)
    both = [{"key": f"08 00 00 00 0a 0{digit} 00 00", "value": 1} for digit in (1, 2)]
    assert "an earlier entry has the same key" in wrong(both, **trie)


def test_values_per_cpu():
    per_cpu = {"kind": map_types.PERCPU_HASH}
    slot = number(7) + bytes(4)
    made = wanted([{"key": 1, "value": 7}], **per_cpu)
    assert made.values == {number(1): slot * 2}
    # what lies between the values of two CPUs does not count
    assert made.mask == int.from_bytes((b"\xff" * 4 + bytes(4)) * 2, "little")
    both = [{"cpu": 2, "value": 9}, {"cpu": 0, "value_raw": "07 00 00 00"}]
    assert wanted([{"key": 1, "per_cpu": both}], **per_cpu).values == {number(1): slot + number(9) + bytes(4)}
    assert wrong([{"key": 1, "per_cpu": both[:1]}], **per_cpu) == "entries[0].per_cpu of CPU 0: is missing"
    kept = wanted([{"key": 1, "per_cpu": both[:1]}], terms=Terms(unlisted="keep"), **per_cpu)
    assert kept.masks == {number(1): int.from_bytes(bytes(8) + b"\xff" * 4 + bytes(4), "little")}
    zeroed = wanted([{"key": 1, "per_cpu": both[:1]}], terms=Terms(unlisted="zero"), **per_cpu)
    assert zeroed.values == {number(1): bytes(8) + number(9) + bytes(4)}
    for slots in ([{"cpu": 1, "value": 1}], [both[0], both[0]], [{"cpu": 0, "valeu": 1}]):
        assert "needs cpu, one of 0, 2 and each once" in wrong([{"key": 1, "per_cpu": slots}], **per_cpu)
    assert "goes without value" in wrong([{"key": 1, "per_cpu": both, "value": 1}], **per_cpu)


@pytest.fixture
def typed():
    """Options for values of struct {u32 limit; u16 kind; 2 bytes of padding; u32 packets}."""
    made = Builder()
    word, short = made.integer("u32", 4, 0), made.integer("u16", 2, 0)
    value = made.struct(12, ("limit", word, 0), ("kind", short, 32), ("packets", word, 64))
    return {"value": 12, "form": ("u32", "btf"), "typing": forms.Typing(made.spec(), word, value)}


def bits(*parts):
    return int.from_bytes(b"".join(b"\xff" * part if part > 0 else bytes(-part) for part in parts), "little")


def test_fields_that_are_not_given(typed):
    part = [{"key": 1, "value": {"kind": 3}}]
    assert wrong(part, **typed) == "entries[0].value.limit, entries[0].value.packets: is missing"
    kept = wanted(part, terms=Terms(unlisted="keep"), **typed)
    assert kept.masks == {number(1): bits(-4, 2, -6)}
    assert kept.lacks == {number(1): ["entries[0].value.limit", "entries[0].value.packets"]}
    zeroed = wanted(part, terms=Terms(unlisted="zero"), **typed)
    assert (zeroed.masks, zeroed.mask, zeroed.lacks) == ({}, bits(6, -2, 4), {})


def test_fields_of_others(typed):
    terms = Terms(ignore=["packets"], owned=b"\xff" * 2 + bytes(10))
    made = wanted([{"key": 1, "value": {"limit": 1, "kind": 3}}], terms=terms, **typed)
    assert (made.mask, made.masks) == (bits(-2, 4, -6), {})
    with pytest.raises(WrongValue, match="there is no field bytes"):
        wanted(terms=Terms(ignore=["bytes"]), **typed)
