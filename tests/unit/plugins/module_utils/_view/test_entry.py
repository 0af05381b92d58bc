# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_data import Chunk
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import Shape
from ansible_collections.ebpf.fleet.plugins.module_utils._view import form_address, form_number, form_text
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry import Entries, first, last_key

PLAIN = Shape(4, 8, 8, (), 8)
PER_CPU = Shape(4, 6, 8, (0, 3), 16)


def chunk(*pairs):
    return Chunk(b"".join(key for key, _value in pairs), b"".join(value for _key, value in pairs), len(pairs))


TWO = chunk((b"aaaa", b"eth0\0\0\0\0"), (b"bb\0b", b"lo\0gone!"))


def test_entries():
    made = Entries(PLAIN, form_text.string(4), form_text.string(8))
    assert made.records(TWO) == [
        {"key": "aaaa", "value": "eth0"},
        {"key": "bb", "value": "lo", "key_raw": "62 62 00 62", "value_raw": "6c 6f 00 67 6f 6e 65 21"},
    ]


def test_values_of_all_cpus():
    made = Entries(PER_CPU, form_text.string(4), form_text.string(6))
    data = chunk((b"aaaa", b"one\0\0\0pptwo\0x\0pp"), (b"bbbb", b"333333pp444444pp"))
    assert made.records(data) == [
        {
            "key": "aaaa",
            "per_cpu": [{"cpu": 0, "value": "one"}, {"cpu": 3, "value": "two", "value_raw": "74 77 6f 00 78 00"}],
        },
        {"key": "bbbb", "per_cpu": [{"cpu": 0, "value": "333333"}, {"cpu": 3, "value": "444444"}]},
    ]


def test_values_without_keys():
    made = Entries(Shape(0, 4, 4, (), 4), None, form_number.number("u32", 4))
    assert made.records(Chunk(b"", struct.pack("=I", 7), 1)) == [{"key": None, "value": 7}]
    assert made.lines(Chunk(b"", struct.pack("=I", 7), 1)) == '{"key":null,"value":7}\n'


FORMS = {
    "hex": form_text.hexadecimal,
    "base64": form_text.base64,
    "string": form_text.string,
    "u32": lambda size: form_number.number("u32", size),
    "u16": lambda size: form_number.number("u16", size),
    "ipv4": form_address.ipv4,
}


@pytest.mark.parametrize("key", ["hex", "base64", "string", "u32", "ipv4"])
@pytest.mark.parametrize("value", ["hex", "base64", "string", "u32", "u16"])
@pytest.mark.parametrize("shape", [PLAIN, Shape(4, 8, 8, (0, 1, 5), 24), Shape(4, 4, 8, (0, 2), 16)])
@given(data=st.binary(min_size=2 * 28, max_size=2 * 28))
def test_lines_are_the_records(key, value, shape, data):
    made = Entries(shape, FORMS[key](shape.key), FORMS[value](shape.value))
    some = Chunk(data[:8], data[8 : 8 + 2 * shape.stride], 2)
    lines = made.lines(some)
    assert lines.endswith("\n")
    assert [json.loads(line) for line in lines.splitlines()] == made.records(some)


def test_the_first_entries():
    assert first(TWO, PLAIN, 1) == chunk((b"aaaa", b"eth0\0\0\0\0"))
    assert first(TWO, PLAIN, 2) is TWO
    assert first(TWO, PLAIN, 0).count == 0


def test_the_last_key():
    assert last_key(TWO, PLAIN) == b"bb\0b"
