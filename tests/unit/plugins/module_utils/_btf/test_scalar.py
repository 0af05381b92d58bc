# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import MARKS, Builder

ORDERS = pytest.mark.parametrize("order", ["little", "big"])


@ORDERS
@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("encoding", [0, kinds.SIGNED])
def test_integers_of_every_width(order, size, encoding):
    builder = Builder(order)
    builder.integer("n", size, encoding)
    decode = decoder(builder.spec(), 1)
    top = 1 << 8 * size
    numbers = (0, 1, top // 2 - 1, -1, -top // 2) if encoding else (0, 1, top // 2, top - 1)
    for number in numbers:
        assert decode(number.to_bytes(size, order, signed=number < 0)) == number


@ORDERS
@pytest.mark.parametrize("size", [1, 4])
def test_bool(order, size):
    builder = Builder(order)
    builder.integer("bool", size, kinds.BOOL)
    decode = decoder(builder.spec(), 1)
    assert [decode(number.to_bytes(size, order)) for number in (0, 1, 2)] == [False, True, True]
    assert decode(bytes(size)) is False


def test_lone_characters():
    builder = Builder()
    encoded = builder.integer("unsigned char", 1, kinds.CHAR)
    # What clang makes of char is a number, here as in bpftool.
    named = builder.integer("char", 1, kinds.SIGNED)
    decode = decoder(builder.spec(), encoded)
    assert [decode(data) for data in (b"a", b"\0", b"\xff", b"\n")] == ["a", "", r"\xff", r"\x0a"]
    assert decoder(builder.spec(), named)(b"a") == 97


@ORDERS
@pytest.mark.parametrize(("code", "size"), [("e", 2), ("f", 4), ("d", 8)])
def test_floats(order, code, size):
    builder = Builder(order)
    builder.add(kinds.FLOAT, "float", size)
    decode = decoder(builder.spec(), 1)
    numbers = [0.5, -3.0, float("inf"), float("-inf"), float("nan")]
    assert [decode(struct.pack(MARKS[order] + code, number)) for number in numbers] == [0.5, -3.0, "inf", "-inf", "nan"]


@pytest.mark.parametrize("size", [12, 16])
def test_long_double_is_hex(size):
    builder = Builder()
    builder.add(kinds.FLOAT, "long double", size)
    assert decoder(builder.spec(), 1)(bytes(range(size + 1))) == bytes(range(size)).hex(" ")


@ORDERS
@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_enums_of_every_size(order, size):
    builder = Builder(order)
    constants = {"NONE": 0, "SAME": 0, "LAST": 100, "LOW": -1}
    unsigned, signed = builder.enum(size, constants), builder.enum(size, constants, flag=1)
    spec = builder.spec()

    def both(number):
        data = number.to_bytes(size, order, signed=number < 0)
        return decoder(spec, unsigned)(data), decoder(spec, signed)(data)

    assert both(0) == ("NONE", "NONE")
    assert both(100) == ("LAST", "LAST")
    assert both(55) == (55, 55)
    assert both(-2) == ((1 << 8 * size) - 2, -2)
    # An ENUM of eight bytes has constants of four: unsigned ones are not made longer.
    assert both(-1) == ("LOW" if size < 8 else (1 << 64) - 1, "LOW")


@ORDERS
def test_enum64(order):
    builder = Builder(order)
    constants = {"HUGE": 1 << 40, "LOW": -5}
    unsigned, signed = builder.enum64(constants), builder.enum64(constants, flag=1)
    for type_id in (unsigned, signed):
        decode = decoder(builder.spec(), type_id)
        assert decode((1 << 40).to_bytes(8, order)) == "HUGE"
        assert decode((-5).to_bytes(8, order, signed=True)) == "LOW"
    assert decoder(builder.spec(), signed)((-6).to_bytes(8, order, signed=True)) == -6
    assert decoder(builder.spec(), unsigned)((-6).to_bytes(8, order, signed=True)) == (1 << 64) - 6


def test_enum_of_no_known_size_is_hex():
    builder = Builder()
    builder.enum(3, {"A": 1})
    assert decoder(builder.spec(), 1)(b"\1\0\0") == "01 00 00"


def test_bitfield_of_an_enum_that_claims_4_gb_costs_nothing():
    builder = Builder()
    enum = builder.enum(0xFFFFFFFF, {"A": 1, "MINUS": -1})
    holder = builder.struct(1, ("e", enum, 0, 2), flag=1)
    start = time.process_time()
    decode = decoder(builder.spec(), holder)
    assert [decode(bytes((number,)))["e"] for number in (1, 2)] == ["A", 2]
    assert time.process_time() - start < 0.5


@ORDERS
def test_pointer(order):
    builder = Builder(order)
    builder.pointer(0)
    assert decoder(builder.spec(), 1)((0xFFFF888012345678).to_bytes(8, order)) == 0xFFFF888012345678


@pytest.mark.parametrize("kind", [kinds.FWD, kinds.FUNC, kinds.FUNC_PROTO])
def test_kinds_without_a_value_are_hex(kind):
    builder = Builder()
    builder.add(kind, "x")
    assert decoder(builder.spec(), 1)(b"\x0a\x66\0") == "0a 66 00"
    assert decoder(builder.spec(), 0)(b"\x0a") == "0a"


def test_unknown_kind_is_hex():
    builder = Builder()
    builder.add(30, "novel", 8)
    assert decoder(builder.spec(layout=[(0, 0)] * 31), 1)(b"\1\2") == "01 02"


@ORDERS
def test_bitfields_of_both_ways_to_write_them(order):
    builder = Builder(order)
    signed, unsigned = builder.integer("int", 4), builder.integer("unsigned int", 4, 0)
    boolean = builder.integer("_Bool", 1, kinds.BOOL)
    enum = builder.enum(4, {"TWO": 2, "MINUS": -1}, flag=1)
    layout = [("low", signed, 0, 5), ("flag", boolean, 5, 1), ("e", enum, 6, 3), ("wide", unsigned, 9, 40)]
    new = builder.struct(8, *layout, flag=1)
    # Before 4.20: an INT for each width, which may also have a place within itself.
    narrow = builder.integer("int", 4, kinds.SIGNED, bits=5)
    bit = builder.integer("_Bool", 1, kinds.BOOL, bits=1, shift=5)
    byte = builder.integer("unsigned char", 1, 0)
    old = builder.struct(8, ("low", narrow, 0), ("flag", bit, 0), ("odd", byte, 9))
    spec = builder.spec()

    def packed(*fields):
        number = 0
        for value, start, bits in fields:
            number |= (value & (1 << bits) - 1) << (start if order == "little" else 64 - start - bits)
        return number.to_bytes(8, order)

    data = packed((-3, 0, 5), (1, 5, 1), (-1, 6, 3), (1 << 39, 9, 40))
    assert decoder(spec, new)(data) == {"low": -3, "flag": True, "e": "MINUS", "wide": 1 << 39}
    assert decoder(spec, old)(packed((-16, 0, 5), (1, 5, 1), (200, 9, 8))) == {"low": -16, "flag": True, "odd": 200}
    assert decoder(spec, narrow)(packed((15, 0, 5))[:4]) == 15


@pytest.mark.parametrize(("start", "bits"), [(60, 5), (0, 129), (1 << 20, 8)])
def test_bitfields_that_do_not_fit(start, bits):
    builder = Builder()
    number = builder.integer()
    builder.struct(8, ("x", number, start, bits), flag=1)
    with pytest.raises(BtfError, match=f"{bits} bits at bit {start} of 8 bytes at byte 24"):
        decoder(builder.spec(), 2)


def test_integer_without_bits():
    builder = Builder()
    builder.integer(bits=0)
    with pytest.raises(BtfError, match="0 bits"):
        decoder(builder.spec(), 1)
