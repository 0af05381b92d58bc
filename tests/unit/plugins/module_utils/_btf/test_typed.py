# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.typed import Typed
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def typed(builder, type_id, **options):
    return Typed(builder.spec(), type_id, **options)


def test_padding_counts_in_keys_only():
    builder = Builder()
    byte, word = builder.integer("u8", 1, 0), builder.integer("u32", 4, 0)
    pair = builder.struct(8, ("a", byte, 0), ("b", word, 32))
    clean, dirty = b"\1\0\0\0\2\0\0\0", b"\1\0\xee\0\2\0\0\0"
    values = [{"a": 1, "b": 2}] * 2
    assert typed(builder, pair, padding_counts=True).many(clean + dirty) == (values, {1: dirty})
    assert typed(builder, pair).many(clean + dirty) == (values, {})
    assert typed(builder, pair).same(clean, dirty)
    assert not typed(builder, pair, padding_counts=True).same(clean, dirty)
    assert not typed(builder, pair).same(clean, b"\1\0\0\0\3\0\0\0")


def test_padding_beyond_the_value_does_not_count():
    builder = Builder()
    byte = builder.integer("u8", 1, 0)
    pair = builder.struct(2, ("a", byte, 0))
    many = typed(builder, pair, padding_counts=True).many(b"\1\0\xff\xff\2\1\xff\xff", 4)
    assert many == ([{"a": 1}, {"a": 2}], {1: b"\2\1"})


def test_bytes_behind_a_nul():
    builder = Builder()
    text = builder.array(builder.integer("char", 1), 4)
    assert typed(builder, text).many(b"ab\0\0ab\0cabcd") == (["ab", "ab", "abcd"], {1: b"ab\0c"})


def test_odd_booleans_and_floats():
    builder = Builder()
    boolean, number = builder.integer("bool", 1, kinds.BOOL), builder.add(kinds.FLOAT, "float", 4)
    assert typed(builder, boolean).many(b"\0\1\2") == ([False, True, True], {2: b"\2"})
    quiet, loud = builder.pack("f", float("nan")), b"\1\0\xc0\x7f"
    assert typed(builder, number).many(quiet + loud) == (["nan", "nan"], {1: loud})


def test_unions_whose_members_cannot_all_be_right():
    builder = Builder()
    boolean, byte = builder.integer("bool", 1, kinds.BOOL), builder.integer("u8", 1, 0)
    union = builder.union(1, ("yes", boolean, 0), ("number", byte, 0))
    values, odd = typed(builder, union).many(b"\1\2")
    assert values == [{"yes": True, "number": 1}, {"yes": True, "number": 2}]
    assert odd == {1: b"\2"}


def test_types_without_a_size_or_a_byte():
    builder = Builder()
    forward, empty = builder.add(kinds.FWD, "f"), builder.struct(0)
    assert typed(builder, forward).many(b"\1\2\3\4", 2) == (["01 02", "03 04"], {})
    assert typed(builder, empty).many(b"\0\0", 1) == ([{}, {}], {})


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_whatever_holds_the_bytes(kind):
    builder = Builder()
    text = builder.array(builder.integer("char", 1), 2)
    assert typed(builder, text).many(kind(b"a\0\0b")) == (["a", ""], {1: b"\0b"})


def test_odd_values_are_found_by_their_bytes_and_by_encoding_alike():
    builder = Builder()
    boolean, byte = builder.integer("bool", 1, kinds.BOOL), builder.integer("u8", 1, 0)
    text = builder.array(builder.integer("char", 1), 2)
    inner = builder.struct(2, ("t", text, 0))
    few = builder.struct(4, ("", inner, 0), ("n", byte, 16), ("b", boolean, 24))
    many = builder.array(boolean, 100)
    found = typed(builder, few)
    assert found.encode.doubtful() is not None
    data = b"ab\1\1" + b"\0b\1\1" + b"a\0\1\2" + b"a\0\7\0"
    assert set(found.many(data)[1]) == {1, 2}
    found = typed(builder, many)
    assert found.encode.doubtful() is None
    assert set(found.many(bytes(99) + b"\1" + bytes(99) + b"\2")[1]) == {1}


@pytest.mark.parametrize("order", ["little", "big"])
def test_bitfields_of_one_unit_are_packed_as_one_number(order):
    builder = Builder(order)
    number = builder.integer("u32", 4, 0)
    bits = builder.struct(8, ("a", number, 0, 3), ("b", number, 3, 20), ("c", number, 32, 9), flag=1)
    found = typed(builder, bits)
    values = [{"a": 5, "b": 70000, "c": 300}, {"a": "1", "b": 0, "c": 0}]
    assert found.encode.many(values) == [found.encode(value) for value in values]
    assert found.decode.many(b"".join(found.encode.many(values))) == [values[0], {"a": 1, "b": 0, "c": 0}]
