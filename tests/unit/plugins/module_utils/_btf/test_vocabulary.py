# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.vocabulary import prototypes, strings
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


@pytest.mark.parametrize("order", ["little", "big"])
def test_all_words_and_all_functions(order):
    builder = Builder(order)
    number = builder.integer("int")
    proto = builder.add(kinds.FUNC_PROTO, size=number, vlen=1, words=[builder.string("ctx"), number])
    builder.function("filter", proto)
    builder.function("part", proto)
    builder.string("return 7;")
    spec = builder.spec()
    assert strings(spec) == {b"int", b"ctx", b"filter", b"part", b"return 7;"}
    assert prototypes(spec) == ["int filter(int ctx)", "int part(int ctx)"]


def test_without_functions():
    assert prototypes(Builder().spec()) == [] and strings(Builder().spec()) == set()


def test_damage():
    builder = Builder()
    builder.function("f", 77)
    with pytest.raises(BtfError):
        prototypes(builder.spec())
