# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_btf import BtfForm
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


@pytest.fixture
def types():
    """A builder with a struct {u32 id; u8 kind; (3 bytes of padding) u16 ports[2]; struct {u32 low;} part}."""
    made = Builder()
    word, short, byte = made.integer("u32", 4, 0), made.integer("u16", 2, 0), made.integer("u8", 1, 0)
    char = made.integer("char", 1, kinds.CHAR)
    part = made.struct(4, ("low", word, 0), name="part")
    ports = made.array(short, 2)
    made.flow = made.struct(16, ("id", word, 0), ("kind", byte, 32), ("ports", ports, 64), ("part", part, 96))
    made.word, made.name = word, made.array(char, 8)
    return made


DATA = struct.pack("<IB3x2HI", 1, 2, 3, 4, 5) + struct.pack("<IB3x2HI", 11, 12, 13, 14, 15)


def test_values(types):
    form = BtfForm(types.spec(), types.flow, 16, False)
    values, odd = form.many(DATA)
    assert values[1] == {"id": 11, "kind": 12, "ports": [13, 14], "part": {"low": 15}}
    assert odd == {}
    assert b"".join(map(form.encode, values)) == DATA


def test_values_at_a_distance(types):
    form = BtfForm(types.spec(), types.word, 4, False)
    assert form.many(struct.pack("<II", 7, 99), 8) == ([7], {})
    assert list(form.texts(struct.pack("<II", 7, 99), 8)[0]) == ["7"]


def test_padding_tells_keys_apart_and_values_not(types):
    padded = bytearray(DATA)
    padded[6] = 1
    key, value = (BtfForm(types.spec(), types.flow, 16, part) for part in (True, False))
    assert key.many(bytes(padded))[1] == {0: bytes(padded[:16])}
    assert key.texts(bytes(padded)) == (None, False)
    assert key.texts(DATA)[1] is True
    assert value.many(bytes(padded))[1] == {}
    assert value.texts(bytes(padded))[1] is True


def test_bytes_behind_the_end_of_a_text(types):
    form = BtfForm(types.spec(), types.name, 8, False)
    assert form.many(b"eth0\0\0\0\0lo\0gone!") == (["eth0", "lo"], {1: b"lo\0gone!"})
    assert form.texts(b"eth0\0\0\0\0") == (None, False)


@pytest.mark.parametrize(
    ("path", "values"),
    [("id", [1, 11]), ("kind", [2, 12]), ("ports", [[3, 4], [13, 14]]), ("ports[1]", [4, 14]), ("part.low", [5, 15])],
)
def test_columns(types, path, values):
    assert list(BtfForm(types.spec(), types.flow, 16, False).column(path, DATA)) == values


def test_the_whole_value_as_a_column(types):
    form = BtfForm(types.spec(), types.flow, 16, False)
    assert form.column("", DATA) == form.many(DATA)[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("port", "there is no field port; there are: id, kind, ports, part"),
        ("ports[2]", "there is no element 2"),
        ("id[0]", "there is no element 0"),
        ("id.low", "there is no field low; there are: none"),
        ("ports.low", "there are: none"),
    ],
)
def test_parts_that_are_not_there(types, path, text):
    with pytest.raises(WrongValue, match=text):
        BtfForm(types.spec(), types.flow, 16, False).column(path, DATA)


def test_a_type_of_another_size(types):
    with pytest.raises(WrongValue, match="its BTF type has 16 bytes, and there are 8"):
        BtfForm(types.spec(), types.flow, 8, False)


def test_many_values_back(types):
    form = BtfForm(types.spec(), types.flow, 16, False)
    assert form.encode_many(form.many(DATA)[0]) == [DATA[:16], DATA[16:]]
    with pytest.raises(WrongValue):
        form.encode_many([{"id": 1}])


def test_what_a_value_decides(types):
    form = BtfForm(types.spec(), types.flow, 16, False)
    assert form.mask == b"\xff" * 5 + bytes(3) + b"\xff" * 8
    assert form.bits("ports[1]") == bytes(10) + b"\xff\xff" + bytes(4)
    assert form.part({"id": 1}, "value", form.bits("part"))[2] == ["value.kind", "value.ports"]
