# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.layout import Compiler
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.walk import Walk
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def walk(builder):
    return Walk(Compiler(builder.spec()))


def test_a_type_is_walked_once():
    builder = Builder()
    number = builder.integer()
    alias = builder.refer(kinds.CONST, number)
    made = walk(builder)
    assert made.filler(alias) is made.filler(number)


def test_places_of_kinds_without_a_size():
    builder = Builder()
    number, forward = builder.integer(), builder.add(kinds.FWD, "f")
    outer = builder.struct(12, ("a", forward, 0), ("b", number, 32), ("c", forward, 64))
    made = walk(builder)
    parts = (made.compiler.codec(outer), made.filler(outer).parts.parts)[1]
    assert [len(part.filler.mask) for part in parts] == [4, 4, 4]


def test_variables_of_kinds_without_a_size():
    builder = Builder()
    forward = builder.add(kinds.FWD, "f")
    first, second = builder.variable("a", forward), builder.variable("b", forward)
    section = builder.section(".data", 7, (first, 0, 3), (second, 3, 4))
    made = walk(builder)
    made.compiler.codec(section)
    assert [len(part.filler.mask) for part in made.filler(section).parts.parts] == [3, 4]


def test_elements_without_a_byte_are_not_looked_at():
    builder = Builder()
    huge = builder.array(builder.integer(), 0x1FFFFFFF)
    none = builder.array(huge, 0)
    assert walk(builder).filler(none).mask == b""
