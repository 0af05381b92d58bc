# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import header
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

ORDERS = pytest.mark.parametrize("order", ["little", "big"])


@ORDERS
def test_sections_are_where_the_header_says(order):
    builder = Builder(order)
    builder.integer("int")
    assert header.sections(builder.blob()) == (order, [(24, 40), (40, 45), (0, 0)])
    assert header.sections(builder.blob(layout=[(0, 0)])) == (order, [(40, 56), (56, 61), (64, 68)])


@pytest.mark.parametrize(
    ("change", "reason", "offset"),
    [
        (lambda blob: b"", "no BTF magic", 0),
        (lambda blob: b"\x7fELF" + blob, "no BTF magic", 0),
        (lambda blob: blob[:23], "header is cut off", 23),
        (lambda blob: blob[:2] + b"\x02" + blob[3:], "version 2", 2),
        (lambda blob: blob[:4] + b"\x17" + blob[5:], "header of 23 bytes", 4),
        (lambda blob: blob[:4] + b"\xff" + blob[5:], "header of 255 bytes", 4),
        (lambda blob: blob[:-1], "section 1 of 5 bytes does not fit", 16),
        (lambda blob: blob[:12] + b"\x0d" + blob[13:], "section 0 of 13 bytes does not fit", 8),
        (lambda blob: blob[:8] + b"\xff\xff\xff\xff" + blob[12:], "section 0 of 16 bytes does not fit", 8),
    ],
)
def test_damaged_header(change, reason, offset):
    builder = Builder()
    builder.integer("int")
    with pytest.raises(BtfError, match=reason) as caught:
        header.sections(change(builder.blob()))
    assert caught.value.offset == offset
    assert reason in caught.value.reason


@ORDERS
def test_longer_header_with_layout_lets_new_kinds_pass(order):
    builder = Builder(order)
    builder.integer()
    builder.add(30, "novel", 8, vlen=2, words=[1, 2, 3, 4, 5])
    after = builder.function("after")
    with pytest.raises(BtfError, match="unknown kind 30"):
        builder.spec().name(after)
    layout = [(0, 0)] * 30 + [(4, 8)]
    spec = builder.spec(layout=layout)
    assert (spec.name(after), spec.kind(2), spec.count()) == ("after", 30, 4)
    with pytest.raises(BtfError, match="unknown kind 30"):
        builder.spec(layout=layout[:30]).count()
    with pytest.raises(BtfError, match="a type of kind 30 with 2 elements runs beyond"):
        builder.spec(layout=layout[:30] + [(4, 248)]).count()


@ORDERS
def test_odd_layout_is_no_length(order):
    builder = Builder(order)
    builder.add(30, words=[1])
    with pytest.raises(BtfError, match="unknown kind 30"):
        builder.spec(layout=[(0, 0)] * 30 + [(3, 0)]).count()


@ORDERS
def test_words_in_their_byte_order(order):
    assert list(header.words(Builder(order).pack("2I", 1, 0x01020304), order)) == [1, 0x01020304]
