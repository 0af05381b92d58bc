# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layouts: what must hold of any C struct (the comparison with real ones is in tests/unit/hacking/test_uapi.py)."""

from __future__ import annotations

import re
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import attr_layout, layout, link_layout, link_types

NAMES = {**vars(layout), **vars(link_layout), **vars(attr_layout)}

LAYOUTS = {
    name: each
    for name, each in NAMES.items()
    if name.isupper() and isinstance(each, dict) and all(isinstance(field, tuple) for field in each.values())
}
SIZED = [name for name in LAYOUTS if f"{name}_SIZE" in NAMES]


def spans(fields):
    return sorted((offset, offset + struct.calcsize("=" + code), name) for name, (offset, code) in fields.items())


def test_there_are_layouts():
    assert len(LAYOUTS) > 50
    assert set(SIZED) == {"PROG_INFO", "MAP_INFO", "BTF_INFO", "TOKEN_INFO", "LINK_INFO", "FUNC_INFO", "LINE_INFO"}


@pytest.mark.parametrize("name", LAYOUTS)
class TestEveryLayout:
    def test_fields_do_not_overlap(self, name):
        found = spans(LAYOUTS[name])
        assert [a for a, b in zip(found, found[1:]) if a[1] > b[0]] == []

    def test_fields_lie_at_multiples_of_their_size(self, name):
        numbers = [field for field in LAYOUTS[name].values() if not field[1].endswith("s")]
        assert [field for field in numbers if field[0] % struct.calcsize("=" + field[1])] == []

    def test_codes_are_known(self, name):
        assert [code for _offset, code in LAYOUTS[name].values() if not re.fullmatch(r"I|i|Q|8s|16s", code)] == []

    def test_fields_stand_in_order(self, name):
        offsets = [offset for offset, _code in LAYOUTS[name].values()]
        assert offsets == sorted(offsets)

    def test_nothing_reaches_beyond_the_whole(self, name):
        whole = (
            link_layout.LINK_INFO_SIZE
            if name.startswith("LINK_") and name in INSIDE_LINK_INFO
            else attr_layout.ATTR_SIZE
        )
        whole = NAMES.get(f"{name}_SIZE", whole)
        assert spans(LAYOUTS[name])[-1][1] <= whole


INSIDE_LINK_INFO = {name for name in LAYOUTS if name.startswith("LINK_")} - {
    "LINK_CREATE",
    "LINK_UPDATE",
    "LINK_DETACH",
}


@pytest.mark.parametrize("name", ["PROG_INFO", "MAP_INFO", "BTF_INFO"])
class TestHistory:
    def test_sizes_only_grow_and_end_at_ours(self, name):
        sizes = list(NAMES[f"{name}_SIZES"].values())
        assert sizes == sorted(set(sizes))
        assert sizes[-1] == NAMES[f"{name}_SIZE"]

    def test_versions_rise(self, name):
        versions = [tuple(map(int, each.split("."))) for each in NAMES[f"{name}_SIZES"]]
        assert versions == sorted(set(versions))

    def test_no_kernel_ends_inside_a_field(self, name):
        for size in NAMES[f"{name}_SIZES"].values():
            assert [each for each in spans(LAYOUTS[name]) if each[0] < size < each[1]] == []

    def test_every_growth_brought_a_field(self, name):
        sizes = [0, *NAMES[f"{name}_SIZES"].values()]
        for before, after in zip(sizes, sizes[1:]):
            assert [each for each in spans(LAYOUTS[name]) if before <= each[0] < after]


class TestLinks:
    def test_every_link_type_has_a_layout(self):
        assert set(link_layout.LINK_BY_TYPE) == set(range(1, len(link_types.NAMES)))

    def test_the_layout_of_a_type_is_called_like_it(self):
        for number, fields in link_layout.LINK_BY_TYPE.items():
            assert fields is LAYOUTS[f"LINK_{link_types.NAMES[number].upper()}"]

    def test_every_perf_kind_has_a_layout(self):
        assert set(link_layout.LINK_PERF_BY_KIND) == set(range(1, len(link_types.PERF_LINK_NAMES)))
        assert link_layout.LINK_PERF_BY_KIND[link_types.PERF_LINK_URETPROBE] is link_layout.LINK_PERF_UPROBE
        assert link_layout.LINK_PERF_BY_KIND[link_types.PERF_LINK_KRETPROBE] is link_layout.LINK_PERF_KPROBE

    def test_union_fields_begin_behind_the_common_ones(self):
        assert (
            min(offset for name in INSIDE_LINK_INFO - {"LINK_INFO"} for offset, _code in LAYOUTS[name].values()) == 16
        )

    @pytest.mark.parametrize("inner", ["LINK_ITER_CGROUP", "LINK_ITER_TASK"])
    def test_inner_unions_lie_behind_their_outer_fields(self, inner):
        assert spans(LAYOUTS[inner])[0][0] >= spans(link_layout.LINK_ITER)[-1][1]


class TestGplCompatible:
    """A u32 bit-field of one bit, as compilers of either byte order lay it out: in the first byte."""

    @pytest.mark.parametrize(("order", "sign", "first"), [("little", "<", 0x01), ("big", ">", 0x80)])
    def test_the_bit_is_in_the_first_byte(self, order, sign, first):
        offset, code = layout.PROG_INFO["gpl_compatible"]
        info = bytearray(layout.PROG_INFO_SIZE)
        info[offset] = first
        value = struct.unpack_from(sign + code, info, offset)[0]
        assert value == 1 << layout.GPL_BIT[order]
