# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.encode import Encoder
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def encoder(builder, type_id):
    """Compile the encoder of a type after it was added."""
    return Encoder(builder.spec(), type_id)


@pytest.fixture
def builder():
    made = Builder()
    made.integer("u32", 4, 0)
    made.integer("u16", 2, 0)
    made.integer("u8", 1, 0)
    return made


WORD, HALF, BYTE = 1, 2, 3


def refused(encode, value, reason):
    with pytest.raises(WrongValue, match=reason) as caught:
        encode(value)
    assert str(caught.value).startswith(caught.value.field + ": ")


def test_lists(builder):
    grid = builder.array(builder.array(WORD, 2), 2)
    encode = encoder(builder, grid)
    assert encode([[1, 2], [3, 4]]) == builder.pack("4I", 1, 2, 3, 4)
    refused(encode, [[1, 2], [3]], r"^\[1\]: a list of 1, but the array has 2")
    refused(encode, [[1, 2], "34"], r"^\[1\]: needs a list of 2, not str")
    refused(encode, [[1, 2], [3, "x"]], r"^\[1\]\[1\]: 'x' is no integer")


def test_records(builder):
    inner = builder.struct(8, ("port", HALF, 0), ("address", WORD, 32))
    encode = encoder(builder, builder.struct(12, ("src", inner, 0), ("proto", BYTE, 64)))
    value = {"src": {"port": 1, "address": 2}, "proto": 6}
    assert encode(value) == encode.many([value])[0] == builder.pack("H2xIB3x", 1, 2, 6)
    refused(encode, {"src": {"port": 70000, "address": 2}, "proto": 6}, "^src.port: 70000 is out of range, 0 to 65535")
    refused(encode, {"src": {"prot": 1}, "proto": 6}, "^src.prot: there is no such member; there are address, port")
    refused(encode, {"src": {"port": 1}}, "^src.address, proto: is missing")
    refused(encode, {"src": 1, "proto": 6}, "^src: needs a mapping of its members, not int")
    with pytest.raises(WrongValue, match="needs a mapping"):
        encode([value])


def test_members_of_anonymous_structs_and_unions_stand_outside(builder):
    inner = builder.struct(8, ("a", WORD, 0), ("b", WORD, 32))
    union = builder.union(8, ("", inner, 0), ("first", WORD, 0))
    encode = encoder(builder, builder.struct(12, ("", union, 0), ("named", WORD, 64)))
    data = builder.pack("3I", 1, 2, 3)
    for value in ({"a": 1, "b": 2, "first": 1}, {"a": 1, "b": 2}, {"first": 1, "b": 2}):
        assert encode(dict(value, named=3)) == data
    assert encode({"first": 1, "named": 3}) == builder.pack("3I", 1, 0, 3)
    refused(encode, {"a": 1, "named": 3}, "^b: is missing")
    refused(encode, {"named": 3}, "^a or b or first: is missing")
    refused(encode, {"a": 1, "b": 2, "first": 9, "named": 3}, "^first: shares bytes with a, and the two say")


def test_union_of_several_shapes(builder):
    octets = builder.array(BYTE, 4)
    encode = encoder(builder, builder.union(4, ("address", WORD, 0), ("octets", octets, 0)))
    assert encode({"octets": [10, 0, 0, 1]}) == encode({"address": 0x0100000A}) == b"\x0a\0\0\1"
    assert encode({"octets": [10, 0, 0, 1], "address": 0x0100000A}) == b"\x0a\0\0\1"
    refused(encode, {"octets": [10, 0, 0, 1], "address": 1}, r"^octets\[0\]: shares bytes with address")


@pytest.mark.parametrize("order", ["little", "big"])
def test_bitfields(order):
    made = Builder(order)
    signed, unsigned = made.integer("int", 4), made.integer("unsigned int", 4, 0)
    fields = made.struct(4, ("low", signed, 0, 5), ("high", unsigned, 5, 11), flag=1)
    encode = encoder(made, fields)
    number = (-3 & 31) | 1234 << 5 if order == "little" else (-3 & 31) << 27 | 1234 << 16
    assert encode({"low": -3, "high": 1234}) == number.to_bytes(4, order)
    refused(encode, {"low": 16, "high": 0}, "^low: 16 is out of range, -16 to 15")


def test_flexible_arrays_have_no_room(builder):
    flexible = builder.array(WORD, 0)
    encode = encoder(builder, builder.struct(4, ("n", WORD, 0), ("rest", flexible, 32)))
    assert encode({"n": 1, "rest": []}) == encode({"n": 1}) == builder.pack("I", 1)
    refused(encode, {"n": 1, "rest": [1]}, "^rest: a list of 1, but the array has 0")


def test_sections_by_variable(builder):
    first, second = builder.variable("first", WORD), builder.variable("second", BYTE)
    encode = encoder(builder, builder.section(".data", 8, (first, 0, 4), (second, 4, 1)))
    assert encode({"first": 1, "second": 2}) == b"\1\0\0\0\2\0\0\0"


def test_a_name_that_stands_twice(builder):
    twice = builder.struct(8, ("a", WORD, 0), ("a", WORD, 32))
    encode = encoder(builder, twice)
    assert encode({"a": 1}) == encode.many([{"a": 1}])[0] == builder.pack("2I", 1, 1)
    assert not encode.exact


def test_columns_give_what_single_values_give(builder):
    text = builder.array(builder.integer("char", 1), 6)
    color = builder.enum(4, {"RED": 1})
    ports, flags = builder.array(HALF, 2), builder.array(builder.integer("bool", 1, 4), 2)
    fields = [("name", text, 0), ("color", color, 64), ("ports", ports, 96), ("flags", flags, 128)]
    encode = encoder(builder, builder.struct(20, *fields))
    value = {"name": "eth0", "color": "RED", "ports": [1, 2], "flags": [True, False]}
    assert encode.many([value] * 3) == [encode(value)] * 3
    odd = dict(value, color="0x1", ports=["1", 2])
    assert encode.many([value, odd]) == [encode(value)] * 2
    for wrong in ({"color": "BLUE"}, {"ports": (1, "x")}, {"flags": [1, 2]}, {"name": "toolong"}, {"name": 5}):
        with pytest.raises(WrongValue, match=r"^value\[1\]\."):
            encode.many([value, dict(value, **wrong)], "value")
    with pytest.raises(WrongValue, match=r"^value\[1\]: needs a mapping"):
        encode.many([value, 1], "value")
