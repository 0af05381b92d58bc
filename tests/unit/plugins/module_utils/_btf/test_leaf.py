# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds, leaf
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.encode import Encoder
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

ORDERS = pytest.mark.parametrize("order", ["little", "big"])


def encoder(builder, type_id=1):
    return Encoder(builder.spec(), type_id)


def refused(encode, value, reason):
    with pytest.raises(WrongValue, match=reason) as caught:
        encode(value, "value")
    assert caught.value.field == "value"


@ORDERS
@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("encoding", [0, kinds.SIGNED])
def test_integers(order, size, encoding):
    builder = Builder(order)
    builder.integer("n", size, encoding)
    encode = encoder(builder)
    low = -(1 << 8 * size - 1) if encoding else 0
    high = low + (1 << 8 * size) - 1
    for number in (low, high, 0, 1):
        data = number.to_bytes(size, order, signed=number < 0)
        assert encode(number) == encode(str(number)) == encode.many([number])[0] == data
    assert encode("0x7f") == encode("0X7F") == (127).to_bytes(size, order)
    for number in (low - 1, high + 1):
        refused(encode, number, f"{number} is out of range, {low} to {high}")
        with pytest.raises(WrongValue, match=r"value\[1\]"):
            encode.many([0, number], "value")


@pytest.mark.parametrize("value", [1.0, None, "x", "", "1_000", " 1", "0b1", [1], {"a": 1}, "1.5"])
def test_what_is_no_integer(value):
    builder = Builder()
    builder.integer()
    refused(encoder(builder), value, "is no integer")


def test_a_number_of_a_million_digits_is_refused_at_once():
    builder = Builder()
    builder.integer()
    refused(encoder(builder), "9" * 1000000, "is out of range")


@pytest.mark.parametrize("size", [1, 4])
def test_bool(size):
    builder = Builder()
    builder.integer("bool", size, kinds.BOOL)
    encode = encoder(builder)
    for value in (True, 1, "true", "True", "yes", "on", "1"):
        assert encode(value) == encode.many([value])[0] == (1).to_bytes(size, "little")
    for value in (False, 0, "false", "no", "off", "0"):
        assert encode(value) == bytes(size)
    for value in (2, -1, "maybe", None, 1.5, []):
        refused(encode, value, "is neither true nor false")
        with pytest.raises(WrongValue):
            encode.many([True, value])


@ORDERS
@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_enum_by_name_or_number(order, size):
    builder = Builder(order)
    plain = builder.enum(size, {"NONE": 0, "LAST": 100})
    signed = builder.enum(size, {"LOW": -1, "TWO": 2}, flag=1)
    encode = encoder(builder, plain)
    for value in ("LAST", 100, "100", "0x64"):
        assert encode(value) == encode.many([value])[0] == (100).to_bytes(size, order)
    assert encode(7) == (7).to_bytes(size, order)
    refused(encode, "LATS", r"'LATS' is no constant of its enum \(NONE, LAST\)")
    refused(encode, -1, "out of range")
    encode = encoder(builder, signed)
    assert encode("LOW") == encode(-1) == encode.many(["LOW"])[0] == b"\xff" * size


@ORDERS
def test_enum64(order):
    builder = Builder(order)
    builder.enum64({"HUGE": 1 << 40, "LOW": -5}, flag=1)
    encode = encoder(builder)
    assert encode("HUGE") == (1 << 40).to_bytes(8, order)
    assert encode("LOW") == encode(-5) == (-5).to_bytes(8, order, signed=True)


def test_long_lists_of_constants_are_cut():
    builder = Builder()
    builder.enum(4, {f"C{number}": number for number in range(50)})
    refused(encoder(builder), "X", r"C9, \.\.\.\)")


@ORDERS
def test_floats(order):
    builder = Builder(order)
    single, double = builder.add(kinds.FLOAT, "float", 4), builder.add(kinds.FLOAT, "double", 8)
    encode = encoder(builder, double)
    for value in (1.5, "1.5"):
        assert encode(value) == builder.pack("d", 1.5)
    assert encode("-inf") == builder.pack("d", float("-inf"))
    assert encoder(builder, single)(2) == builder.pack("f", 2.0)
    refused(encode, "much", "'much' is no number")
    refused(encode, [1], "a list is no number")
    refused(encoder(builder, single), 1e300, "out of range of a float of 4 bytes")
    refused(encode, 10**400, "out of range")


def test_long_double_is_hex():
    builder = Builder()
    builder.add(kinds.FLOAT, "long double", 12)
    assert encoder(builder)("00 " * 11 + "ff") == bytes(11) + b"\xff"
    refused(encoder(builder), "00", "1 bytes, but the type has 12")


@pytest.mark.parametrize(("text", "data"), [("0a 66", b"\nf"), ("0a66", b"\nf"), ("0A:66", b"\nf"), ("", b"")])
def test_hexadecimal(text, data):
    assert leaf.hex_bytes(text, "x") == data


@pytest.mark.parametrize("value", [10, "a", "0x0a", "0a  66", "zz", None, True])
def test_what_is_no_hexadecimal(value):
    with pytest.raises(WrongValue, match="hexadecimal"):
        leaf.hex_bytes(value, "x")


def test_characters():
    builder = Builder()
    char = builder.integer("char", 1)
    encode = encoder(builder, builder.array(char, 4))
    assert encode("ab") == encode.many(["ab"])[0] == b"ab\0\0"
    assert encode(r"\xff\x00") == b"\xff\0\0\0"
    assert encode("\u20acx") == b"\xe2\x82\xacx"
    refused(encode, "abcde", "a text of 5 bytes, but there is room for 4")
    refused(encode, 12, "12 is no text; quote it")
    refused(encode, "\ud800", "surrogate")
    with pytest.raises(WrongValue, match=r"\[1\]: a text of 5 bytes"):
        encode.many(["a", "abcde"])


def test_lone_character():
    builder = Builder()
    builder.integer("unsigned char", 1, kinds.CHAR)
    encode = encoder(builder)
    assert [encode(value) for value in ("a", "", r"\xff", 7)] == [b"a", b"\0", b"\xff", b"\7"]
    refused(encode, "ab", "a text of 2 bytes")


def test_pointer():
    builder = Builder()
    builder.pointer()
    assert encoder(builder)("0xffff888012345678") == (0xFFFF888012345678).to_bytes(8, "little")
    refused(encoder(builder), -1, "out of range")


def test_which_leaves_are_exact():
    builder = Builder()
    exact = [builder.integer(), builder.pointer(), builder.enum(4, {"A": 1, "B": 1}), builder.integer("x", 16)]
    odd = [
        builder.integer("bool", 1, kinds.BOOL),
        builder.add(kinds.FLOAT, "float", 4),
        builder.enum(4, {"A": 1}),
    ]
    spec = builder.spec()
    assert [leaf.leaf(spec, one).comes_back is None for one in exact] == [True] * 4
    assert [leaf.leaf(spec, one).comes_back is None for one in odd] == [False, False, True]
    assert leaf.characters(4).comes_back and not leaf.characters(0).comes_back


def test_an_enum_with_one_name_for_two_numbers_is_not_exact():
    builder = Builder()
    words = []
    for number in (1, 2):
        words += [builder.string("SAME"), number]
    builder.add(kinds.ENUM, "", 4, 2, 0, words)
    comes_back = leaf.leaf(builder.spec(), 1).comes_back
    assert (comes_back(b"\1\0\0\0"), comes_back(b"\2\0\0\0"), comes_back(b"\3\0\0\0")) == (False, True, True)
