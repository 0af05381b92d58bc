# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import table
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.layout import Field
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.scalar import single
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

BYTE, WORD = single(1, "B"), single(4, "I")


def test_plain_records_are_one_format():
    values = table.records("<", 8, [Field("a", 0, BYTE), Field("b", 4, WORD)])
    data = b"\1\0\0\0\2\0\0\0" * 2
    assert list(values(data, 8)) == [{"a": 1, "b": 2}] * 2
    assert list(values(data, 16)) == [{"a": 1, "b": 2}]


def test_fields_that_overlap_are_read_in_layers():
    values = table.records("<", 4, [Field("whole", 0, WORD), Field("third", 2, BYTE), Field("again", 0, WORD)])
    assert list(values(b"\1\2\3\4", 4)) == [{"whole": 0x04030201, "third": 3, "again": 0x04030201}]


def test_fields_in_another_order_than_their_bytes():
    values = table.records(">", 5, [Field("last", 1, WORD), Field("first", 0, BYTE)])
    (value,) = values(b"\7\0\0\0\x08", 5)
    assert list(value.items()) == [("last", 8), ("first", 7)]


def test_lists_at_a_distance():
    numbers = table.numbers("<", BYTE, 2)
    assert list(numbers(b"\1\2\0\3\4\0", 3)) == [[1, 2], [3, 4]]
    pair = table.records("<", 1, [Field("a", 0, BYTE)])
    element = BYTE._replace(code="", table=pair)
    lists = table.lists("<", element, 2)
    assert lists(b"\1\2\0\3\4\0", 3) == [[{"a": 1}, {"a": 2}], [{"a": 3}, {"a": 4}]]


@pytest.mark.parametrize("stride", [0, 4, 6])
def test_many_values_are_the_single_ones(stride):
    builder = Builder()
    half = builder.integer("u16", 2, 0)
    pair = builder.array(half, 2)
    decode = decoder(builder.spec(), pair)
    data = bytes(range(24))
    step = stride or 4
    assert decode.many(data, stride) == [decode(data[at:]) for at in range(0, 24, step)]
