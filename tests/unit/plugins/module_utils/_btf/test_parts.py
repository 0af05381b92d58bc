# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.encode import Encoder
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


@pytest.fixture
def encoder():
    """Of struct {u32 id; struct {u32 low; u16 ports[2];} part; union {u32 v4; u8 raw[4];};} with a byte behind it."""
    made = Builder()
    word, short, byte = made.integer("u32", 4, 0), made.integer("u16", 2, 0), made.integer("u8", 1, 0)
    part = made.struct(8, ("low", word, 0), ("ports", made.array(short, 2), 32))
    either = made.union(4, ("v4", word, 0), ("raw", made.array(byte, 4), 0))
    whole = made.struct(17, ("id", word, 0), ("part", part, 32), ("", either, 96))
    return Encoder(made.spec(), whole)


@pytest.mark.parametrize(
    ("path", "first", "count"),
    [("id", 0, 4), ("part", 4, 8), ("part.ports", 8, 4), ("part.ports[1]", 10, 2), ("v4", 12, 4), ("raw[3]", 15, 1)],
)
def test_a_path_leads_to_its_bytes(encoder, path, first, count):
    assert encoder.bits(path) == (bytes(first) + b"\xff" * count).ljust(17, b"\0")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("none", "there is no field none; there are: id, part, v4, raw"),
        ("id.x", "there is no field x; there are: none"),
        ("part.ports[2]", "there is no element 2"),
        ("id[0]", "there is no element 0"),
        ("part..low]", "is no path to a field"),
    ],
)
def test_a_path_that_leads_nowhere(encoder, path, reason):
    with pytest.raises(WrongValue) as caught:
        encoder.bits(path)
    assert reason in caught.value.reason


def test_what_a_part_of_a_value_says(encoder):
    data, mask, missing = encoder.part({"part": {"low": 7}}, "value")
    assert data == (bytes(4) + b"\7").ljust(17, b"\0")
    assert mask == (bytes(4) + b"\xff" * 4).ljust(17, b"\0")
    assert missing == ["value.id", "value.part.ports", "value.raw or v4"]
    assert encoder.part({"part": {"low": 7}}, "value", encoder.bits("part"))[2] == ["value.id", "value.raw or v4"]
