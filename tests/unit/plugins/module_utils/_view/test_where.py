# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_data import Chunk
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import Shape
from ansible_collections.ebpf.fleet.plugins.module_utils._view import form_number, form_text
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry import Entries
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_btf import BtfForm
from ansible_collections.ebpf.fleet.plugins.module_utils._view.where import Where
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

NAMES = [b"eth0", b"eth1", b"lo\0\0", b"wlan"]


@pytest.fixture
def entries():
    return Entries(Shape(4, 4, 4, (), 4), form_text.string(4), form_number.number("s32", 4))


def chosen(entries, *conditions):
    data = Chunk(b"".join(NAMES), struct.pack("=4i", 1, -2, 30, 400), 4)
    found = Where([dict({"op": "eq"}, **condition) for condition in conditions]).filter(entries, data)
    assert len(found.keys) == len(found.values) == 4 * found.count
    return [record["key"] for record in entries.records(found)]


@pytest.mark.parametrize(
    ("field", "op", "value", "found"),
    [
        ("key", "eq", "lo", ["lo"]),
        ("key", "ne", "lo", ["eth0", "eth1", "wlan"]),
        ("key", "in", ["lo", "wlan", "none"], ["lo", "wlan"]),
        ("key", "not_in", ["lo", "wlan"], ["eth0", "eth1"]),
        ("key", "contains", "th", ["eth0", "eth1"]),
        ("value", "eq", 30, ["lo"]),
        ("value", "eq", "30", ["lo"]),
        ("value", "eq", "0x1e", ["lo"]),
        ("value", "lt", 1, ["eth1"]),
        ("value", "le", "1", ["eth0", "eth1"]),
        ("value", "gt", 30, ["wlan"]),
        ("value", "ge", 30, ["lo", "wlan"]),
        ("value", "in", ["1", 400], ["eth0", "wlan"]),
        ("key", "gt", 1, []),
        ("value", "contains", "1", []),
        ("key", "eq", "none", []),
    ],
)
def test_operators(entries, field, op, value, found):
    assert chosen(entries, {"field": field, "op": op, "value": value}) == found


def test_all_conditions_have_to_be_met(entries):
    eth = {"field": "key", "op": "contains", "value": "eth"}
    assert chosen(entries, eth, {"field": "value", "op": "gt", "value": 0}) == ["eth0"]
    assert chosen(entries, {"field": "key", "value": "none"}, eth) == []
    assert chosen(entries) == ["eth0", "eth1", "lo", "wlan"]


def test_one_cpu_is_enough():
    made = Entries(Shape(4, 4, 8, (0, 1), 16), form_text.string(4), form_number.number("u32", 4))
    data = Chunk(b"aaaabbbb", struct.pack("=I4xI4xI4xI4x", 1, 2, 3, 4), 2)
    some = Where([{"field": "value", "op": "eq", "value": 2}]).filter(made, data)
    assert [record["key"] for record in made.records(some)] == ["aaaa"]
    both = Where([{"field": "value", "op": "gt", "value": 1}]).filter(made, data)
    assert both == data


def test_fields_by_btf():
    types = Builder()
    word, flag = types.integer("u32", 4, 0), types.integer("bool", 1, 4)
    kind = types.enum(4, {"OFF": 0, "ON": 1})
    pair = types.struct(12, ("state", kind, 0), ("count", word, 32), ("hot", flag, 64))
    form = BtfForm(types.spec(), pair, 12, False)
    made = Entries(Shape(4, 12, 12, (), 12), form_number.number("u32", 4, "little"), form)
    data = Chunk(struct.pack("<2I", 1, 2), struct.pack("<IIB3xIIB3x", 0, 5, 1, 1, 6, 0), 2)

    def found(field, value, op="eq"):
        chunk = Where([{"field": field, "op": op, "value": value}]).filter(made, data)
        return [record["key"] for record in made.records(chunk)]

    assert found("value.state", "ON") == [2]
    assert found("value.count", 5, "gt") == [2]
    assert found("value.hot", True) == found("value.hot", "true") == found("value.hot", "True") == [1]
    with pytest.raises(WrongValue, match=r"value\.cold: there is no field cold"):
        found("value.cold", 1)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"field": "port", "op": "eq", "value": 1}, 'port: a field begins with "key" or "value"'),
        ({"field": "keys", "op": "eq", "value": 1}, "a field begins with"),
        ({"field": "value", "op": "gt", "value": "many"}, "value: 'many' is no integer"),
        ({"field": "value", "op": "in", "value": 1}, "value: in needs a list of values"),
        ({"field": "key.port", "op": "eq", "value": 1}, "only values with BTF have fields"),
    ],
)
def test_conditions_that_make_no_sense(entries, condition, text):
    with pytest.raises(WrongValue, match=text):
        chosen(entries, condition)


def test_a_condition_on_keys_that_are_not_there():
    made = Entries(Shape(0, 4, 4, (), 4), None, form_number.number("u32", 4))
    with pytest.raises(WrongValue, match="have no keys"):
        Where([{"field": "key", "op": "eq", "value": 1}]).filter(made, Chunk(b"", bytes(4), 1))


def test_no_conditions():
    assert not Where([])
    assert Where([{"field": "key", "op": "eq", "value": 1}])
