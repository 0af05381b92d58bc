# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext, kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.mapdef import declared
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec

FLOWS = """struct inner { int (*type)[2]; int (*max_entries)[8]; unsigned *key; unsigned long *value; };
struct { int (*type)[1]; int (*max_entries)[1024]; int (*map_flags)[1]; const unsigned *key; struct { int a; } *value; }
"""


def section(*declarations, name=".maps"):
    """Return a Spec with the variables map0, map1, ... of these types in a section."""
    parser = ctext.Parser("little")
    writer, words = parser.writer, []
    for number, text in enumerate(declarations):
        type_id = parser.read(text)
        words += [writer.add(kinds.VAR, f"map{number}", type_id, words=[1]), 0, 8]
    writer.add(kinds.DATASEC, name, 0, len(declarations), words=words)
    return Spec(writer.blob())


def test_numbers_and_types():
    spec = section(FLOWS)
    found = declared(spec, "map0")
    assert found.numbers == {"type": 1, "max_entries": 1024, "map_flags": 1} and found.inner is None
    assert spec.kind(spec.resolve(found.key)) == kinds.INT and spec.kind(found.value) == kinds.STRUCT


def test_sizes_without_types():
    found = declared(section("struct { int (*type)[27]; int (*max_entries)[4096]; int (*key_size)[4]; }"), "map0")
    assert found == ({"type": 27, "max_entries": 4096, "key_size": 4}, 0, 0, None)


def test_maps_within_a_map():
    spec = section(FLOWS, "struct { int (*type)[13]; struct inner *values[]; }")
    found = declared(spec, "map1")
    assert found.numbers == {"type": 13} and found.inner.numbers == {"type": 2, "max_entries": 8}
    assert found.inner.key and found.inner.value and found.inner.inner is None


def test_functions_within_a_map_are_no_maps():
    found = declared(section("struct { int (*type)[3]; int (*values[])(void *); }"), "map0")
    assert found.numbers == {"type": 3} and found.inner is None


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (section(FLOWS), "no map other in .maps; there are: map0"),
        (section("int", name=".bss"), "there are: none at all"),
        (section("int"), "is no"),
    ],
)
def test_what_is_not_there(spec, words):
    with pytest.raises(BtfError, match=words):
        declared(spec, "other" if "other" in words or "none" in words else "map0")


def test_a_member_that_is_no_pointer():
    with pytest.raises(BtfError, match="no pointer"):
        declared(section("struct { int type; }"), "map0")
