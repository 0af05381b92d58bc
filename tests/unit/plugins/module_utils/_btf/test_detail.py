# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import detail, kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind


def test_own_ids():
    base = Builder()
    base.integer()
    split = Builder(base=base)
    split.pointer()
    assert list(detail.own_ids(base.spec())) == [1]
    assert list(detail.own_ids(split.spec())) == [2]


@pytest.mark.parametrize("order", ["little", "big"])
def test_parameters_linkage_and_component(order):
    builder = every_kind(order)
    spec = builder.spec()
    by_kind = {spec.kind(number): number for number in detail.own_ids(spec)}
    assert list(detail.parameters(spec, by_kind[kinds.FUNC_PROTO])) == [("x", 2), ("", 0)]
    assert detail.linkage(spec, by_kind[kinds.FUNC]) == detail.linkage(spec, by_kind[kinds.VAR]) == 1
    assert detail.component(spec, by_kind[kinds.DECL_TAG]) == -1
    for question in (detail.linkage, detail.component, lambda *args: list(detail.parameters(*args))):
        with pytest.raises(BtfError, match="type 1 is no"):
            question(spec, 1)


def test_component_of_a_member():
    builder = Builder()
    builder.add(kinds.DECL_TAG, "x", 0, words=[3])
    assert detail.component(builder.spec(), 1) == 3
