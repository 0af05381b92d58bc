# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.jsonlines import Texts, dump
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def texts(builder, type_id, data, stride=0):
    decode = decoder(builder.spec(), type_id)
    found = list(Texts(decode).many(data, stride))
    assert found == [dump(value) for value in decode.many(data, stride)]
    return found


def test_numbers():
    builder = Builder()
    builder.integer("u16", 2, 0)
    assert texts(builder, 1, b"\1\0\2\0") == ["1", "2"]
    assert texts(builder, 1, b"\1\0\xff\xff\2\0\xff\xff", 4) == ["1", "2"]
    assert texts(builder, 1, b"") == []


def test_records_with_all_kinds_of_places():
    builder = Builder()
    byte, boolean = builder.integer("u8", 1, 0), builder.integer("bool", 1, kinds.BOOL)
    text, color = builder.array(builder.integer("char", 1), 4), builder.enum(4, {"RED": 1})
    inner = builder.struct(3, ("a", byte, 0), ("b", byte, 16))
    number, ports = builder.add(kinds.FLOAT, "float", 4), builder.array(byte, 3)
    outer = builder.struct(
        24,
        *[("100%", boolean, 0), ("s", text, 8), ("e", color, 64), ("i", inner, 96), ("f", number, 128)],
        ("p", ports, 160),
    )
    data = builder.pack("?4s3xIBBBxfBBBx", True, b'"\n', 1, 5, 9, 6, float("nan"), 1, 2, 3)
    assert texts(builder, outer, data) == [
        r'{"100%":true,"s":"\"\\x0a","e":"RED","i":{"a":5,"b":6},"f":"nan","p":[1,2,3]}'
    ]


def test_records_without_a_template():
    builder = Builder()
    byte = builder.integer("u8", 1, 0)
    union = builder.union(1, ("a", byte, 0), ("b", byte, 0))
    twice, bare = builder.struct(2, ("a", byte, 0), ("a", byte, 8)), builder.struct(2)
    assert texts(builder, union, b"\7") == ['{"a":7,"b":7}']
    assert texts(builder, twice, b"\7\x08") == ['{"a":8}']
    assert texts(builder, bare, b"\7\x08") == ["{}"]


def test_long_lists_are_no_template():
    builder = Builder()
    byte = builder.integer("u8", 1, 0)
    long = builder.array(byte, 5000)
    assert texts(builder, builder.struct(5000, ("x", long, 0)), bytes(5000))[0].count("0") == 5000


def test_types_without_a_size_or_a_byte():
    builder = Builder()
    forward, empty = builder.add(kinds.FWD, "f"), builder.struct(0)
    assert texts(builder, forward, b"\1\2", 1) == ['"01"', '"02"']
    assert texts(builder, empty, b"\0", 1) == ["{}"]


@pytest.mark.parametrize("order", ["little", "big"])
def test_what_the_compiler_laid_out(order):
    spec = Spec(captures.captured(order + ".btf"))
    (variable,) = [one for one in range(spec.count()) if spec.kind(one) == kinds.VAR and spec.name(one) == "sample"]
    decode = decoder(spec, variable)
    data = captures.captured(order + ".sample")[: decode.size]
    (text,) = Texts(decode).many(data)
    assert json.loads(text) == decode(data)
