# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_number import BYTE_ORDERS, CODES, integer, number


@pytest.mark.parametrize("name", sorted(CODES))
@pytest.mark.parametrize("order", BYTE_ORDERS)
@given(data=st.binary(min_size=16, max_size=16))
def test_what_is_read_is_taken_back(name, order, data):
    for size in (int(name[1:]) // 8, 8, 16):
        form = number(name, size, order)
        values, odd = form.many(data)
        assert odd == {}
        assert b"".join(map(form.encode, values)) == data
        if size == int(name[1:]) // 8:
            assert b"".join(form.encode(str(value)) for value in values) == data


def test_byte_orders():
    assert number("u16", 2, "big").many(b"\x01\xbb")[0] == [443]
    assert number("u16", 2, "little").many(b"\xbb\x01")[0] == [443]
    assert number("s32", 4).many((-5).to_bytes(4, sys.byteorder, signed=True))[0] == [-5]


def test_several_numbers_are_a_list():
    form = number("u16", 6, "big")
    assert form.many(bytes(range(12))) == ([[1, 515, 1029], [1543, 2057, 2571]], {})
    assert form.encode([1, "0x2", 3]) == struct.pack(">3H", 1, 2, 3)
    assert form.texts(bytes(6)) == (None, False)
    for wrong in (1, [1, 2], "123"):
        with pytest.raises(WrongValue, match="needs a list of 3 numbers"):
            form.encode(wrong)


def test_values_at_a_distance():
    assert number("u8", 1).many(b"\1xxx\2xxx", 4) == ([1, 2], {})


@pytest.mark.parametrize(("name", "size"), [("u32", 2), ("u64", 12), ("u16", 1), ("u8", 0)])
def test_a_width_that_does_not_fit(name, size):
    with pytest.raises(WrongValue, match=f"{name} is"):
        number(name, size)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("u8", 256, "out of range: 0 to 255"),
        ("u8", -1, "out of range"),
        ("s8", 128, "out of range: -128 to 127"),
        ("u8", True, "no integer"),
        ("u8", 1.0, "no integer"),
        ("u8", None, "no integer"),
        ("u8", "one", "no integer"),
    ],
)
def test_what_does_not_fit(name, value, text):
    with pytest.raises(WrongValue, match=text) as caught:
        number(name, 1).encode(value, "key")
    assert caught.value.field == "key"


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("0x1f", 31), ("-3", -3), ("007", 7), (" 5 ", 5)])
def test_text_that_is_a_number(text, value):
    assert integer(text, "") == value
