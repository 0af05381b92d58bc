# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import source
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.test_elf import image


@pytest.fixture
def base():
    builder = Builder()
    builder.integer("n")
    return builder


@pytest.fixture
def split(base):
    builder = Builder(base=base)
    builder.pointer(1)
    builder.struct(4, ("n", 1, 0), name="own")
    return builder


def test_raw_and_elf(base):
    for content in (base.blob(), image(contents=((".BTF", base.blob()),))):
        assert source.spec(content).name(1) == "n"


def test_a_base_that_is_not_needed(base):
    assert source.spec(base.blob(), base.spec()).count() == 2


def test_split(base, split):
    assert source.is_split(split.blob()) and not source.is_split(base.blob())
    assert source.spec(split.blob(), base.spec()).name(3) == "own"
    with pytest.raises(BtfError, match="this BTF is split"):
        source.spec(split.blob())


def test_a_module_that_brings_its_base(base, split):
    module = image(contents=((".BTF", split.blob()), (".BTF.base", base.blob())))
    assert source.spec(module).name(3) == "own"


def test_a_file_without_btf():
    with pytest.raises(BtfError, match=r"the file has no \.BTF section; clang writes one with -g"):
        source.spec(image(contents=((".text", b"x"),)))
    with pytest.raises(BtfError, match="no BTF magic"):
        source.spec(b"#!/bin/sh")
