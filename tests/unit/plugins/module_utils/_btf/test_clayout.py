# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.clayout import Layouts
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def plan(builder, type_id):
    return Layouts(builder.spec()).plan(type_id)


def test_members_where_the_compiler_puts_them_need_nothing():
    builder = Builder()
    byte, word = builder.integer("u8", 1, 0), builder.integer("u32", 4, 0)
    found = plan(builder, builder.struct(12, ("a", byte, 0), ("b", word, 32), ("c", byte, 64)))
    assert [place.gap for place in found.places] == [[], [], []]
    assert (found.tail, found.packed, found.align) == ([], False, 4)


def test_gaps_are_filled():
    builder = Builder()
    byte = builder.integer("u8", 1, 0)
    found = plan(builder, builder.struct(16, ("a", byte, 0), ("b", byte, 56)))
    assert found.places[1].gap == [("char", 8), ("short", 16), ("short", 16), ("char", 8)]
    assert found.tail == [("long", 64)]


@pytest.mark.parametrize("size", [5, 6])
def test_what_comes_too_early_is_packed(size):
    builder = Builder()
    byte, word = builder.integer("u8", 1, 0), builder.integer("u32", 4, 0)
    found = plan(builder, builder.struct(size, ("a", byte, 0), ("b", word, 8)))
    assert (found.packed, found.align) == (True, 1)
    assert found.tail == [("char", 8)] * (size - 5)


def test_bitfields_stay_in_their_unit():
    builder = Builder()
    number = builder.integer("u32", 4, 0)
    whole = builder.struct(8, ("a", number, 0, 20), ("b", number, 32, 20), flag=1)
    across = builder.struct(8, ("a", number, 0, 20), ("b", number, 20, 20), flag=1)
    spaced = builder.struct(4, ("a", number, 0, 5), ("b", number, 9, 5), flag=1)
    assert [(place.gap, plan(builder, whole).packed) for place in plan(builder, whole).places] == [([], False)] * 2
    assert plan(builder, across).packed
    assert plan(builder, spaced).places[1].gap == [("char", 3), ("char", 1)]


def test_unions():
    builder = Builder()
    byte, word = builder.integer("u8", 1, 0), builder.integer("u32", 4, 0)
    assert plan(builder, builder.union(4, ("a", byte, 0), ("b", word, 0))).tail == []
    assert plan(builder, builder.union(16, ("a", byte, 0), ("b", word, 0))).tail == [("long", 64), ("long", 64)]


def test_sizes_and_alignments():
    builder = Builder()
    wide, pointer = builder.integer("u128", 16, 0), builder.pointer()
    array, odd = builder.array(pointer, 3), builder.integer("odd", 3)
    long = builder.add(kinds.FLOAT, "long double", 16)
    layouts = Layouts(builder.spec())
    assert [layouts.size(one) for one in (wide, pointer, array, odd, long)] == [16, 8, 24, 3, 16]
    assert [layouts.align(one) for one in (wide, pointer, array, odd, long)] == [16, 8, 8, 1, 1]


def test_damage():
    builder = Builder()
    number = builder.integer()
    circle, gap = builder.array(3, 1), builder.array(2, 1)
    assert (circle, gap) == (2, 3)
    huge = builder.struct(0xFFFFFFFF, ("a", number, 0))
    layouts = Layouts(builder.spec())
    for question in (layouts.size, layouts.align):
        with pytest.raises(BtfError, match="nested deeper than 32"):
            question(circle)
    with pytest.raises(BtfError, match="a gap of"):
        layouts.plan(huge)
