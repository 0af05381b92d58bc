# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds, raw
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.writer import Writer, constant, member


@pytest.mark.parametrize("order", ["little", "big"])
def test_what_was_written_is_read(order):
    writer = Writer(order)
    number = writer.add(kinds.INT, "n", 4, words=[32])
    place = writer.add(kinds.FWD, "s")
    wide = writer.add(kinds.ENUM64, "w", 8, 1, 1, constant(writer, kinds.ENUM64, "MINUS", -2))
    words = member(writer, "n", number, 0) + member(writer, "n", number, 32)
    writer.replace(place, kinds.STRUCT, "s", 8, 2, 0, words)
    spec = Spec(writer.blob())
    assert (spec.order, spec.count()) == (order, 4)
    assert list(spec.members(place)) == [("n", number, 0, 0), ("n", number, 32, 0)]
    assert list(spec.constants(wide)) == [("MINUS", -2)]
    assert raw.entry(spec, number)["nr_bits"] == 32


def test_a_name_is_kept_once():
    writer = Writer()
    assert writer.string("") == 0
    assert writer.string("a") == writer.string("a") == 1
    assert writer.string("b") == 3
