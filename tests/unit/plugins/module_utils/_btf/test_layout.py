# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.layout import Compiler, bits_of, is_anonymous
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def test_a_type_is_compiled_once():
    builder = Builder()
    number = builder.integer()
    alias = builder.refer(kinds.TYPEDEF, number, "alias")
    compiler = Compiler(builder.spec())
    assert compiler.codec(alias) is compiler.codec(number)


def test_fields_of_anonymous_members_are_moved_out():
    builder = Builder()
    number = builder.integer()
    inner = builder.struct(8, ("a", number, 0), ("b", number, 32))
    outer = builder.struct(12, ("first", number, 0), ("", inner, 32))
    codec = Compiler(builder.spec()).codec(outer)
    assert [(field.name, field.offset) for field in codec.parts] == [("first", 0), ("a", 4), ("b", 8)]


def test_neighbours_share_the_unit_of_their_bitfields():
    builder = Builder()
    number = builder.integer("unsigned int", 4, 0)
    fields = builder.struct(8, ("a", number, 3, 5), ("b", number, 8, 20), ("c", number, 30, 6), flag=1)
    parts = Compiler(builder.spec()).codec(fields).parts
    # the third crosses the border between two units
    assert [(part.offset, part.codec.code) for part in parts] == [(0, "I"), (0, "I"), (3, "H")]


def test_old_bitfields_are_told_by_their_integers():
    builder = Builder()
    whole, narrow = builder.integer(), builder.integer("int", 4, kinds.SIGNED, bits=5, shift=2)
    spec = builder.spec()
    assert bits_of(spec, whole, 32, 0) == (32, 0)
    assert bits_of(spec, whole, 33, 0) == (33, 32)
    assert bits_of(spec, narrow, 32, 0) == (34, 5)
    assert bits_of(spec, whole, 3, 7) == (3, 7)


def test_only_structs_and_unions_are_anonymous_members():
    builder = Builder()
    number, empty = builder.integer(), builder.struct(0)
    spec = builder.spec()
    assert is_anonymous(spec, "", empty)
    assert not is_anonymous(spec, "x", empty) and not is_anonymous(spec, "", number)
