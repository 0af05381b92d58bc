# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.closure import closure
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind


def test_what_values_are_made_of():
    builder = Builder()
    number, other = builder.integer(), builder.integer("u8", 1)
    array = builder.array(number, 2)
    far = builder.struct(1, ("x", other, 0))
    pointer = builder.pointer(far)
    holder = builder.struct(16, ("a", array, 0), ("p", pointer, 64))
    alias = builder.refer(8, holder, "alias")
    spec = builder.spec()
    assert closure(spec, [alias]) == [number, array, pointer, holder, alias]
    assert closure(spec, [0]) == []


def test_circles_and_sections():
    builder = Builder()
    builder.struct(0, ("self", 1, 0))
    assert closure(builder.spec(), [1]) == [1]
    spec = every_kind().spec()
    assert closure(spec, [15]) == [1, 14, 15]
