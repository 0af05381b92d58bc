# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.metadata import metadata
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def test_metadata_of_a_compiled_program():
    spec = Spec(captures.captured("little.btf"))
    (section,) = [one for one in range(spec.count()) if spec.name(one) == ".rodata"]
    # As bpftool prints it for the loaded program.
    assert metadata(spec, section, captures.captured("little.rodata")) == {
        "author": "somebody",
        "release": "1.2-rc3",
        "build": -42,
        "range": {"left": 5, "right": 6},
    }


def section(*names):
    builder = Builder()
    number = builder.integer()
    variables = [(builder.variable(name, number), 4 * place, 4) for place, name in enumerate(names)]
    return builder, builder.section(".rodata", 4 * len(names), *variables)


def test_only_variables_with_the_prefix():
    builder, type_id = section("bpf_metadata_a", "a", "bpf_metadata", "xbpf_metadata_", "bpf_metadata_")
    data = builder.pack("5i", 1, 2, 3, 4, 5)
    assert metadata(builder.spec(), type_id, data) == {"a": 1, "": 5}


def test_value_that_is_no_section():
    builder = Builder()
    number = builder.integer()
    assert metadata(builder.spec(), number, bytes(4)) == {}
    assert metadata(builder.spec(), 0, bytes(4)) == {}


def test_damage_in_other_variables_does_not_matter():
    builder = Builder()
    number, circle = builder.integer(), builder.struct(4, ("self", 2, 0))
    good, bad = builder.variable("bpf_metadata_good", number), builder.variable("bad", circle)
    type_id = builder.section(".rodata", 8, (bad, 0, 4), (good, 4, 4))
    assert metadata(builder.spec(), type_id, builder.pack("2i", 1, 2)) == {"good": 2}


def test_short_value():
    builder, type_id = section("bpf_metadata_a", "bpf_metadata_b")
    with pytest.raises(BtfError, match="a value of 3 bytes, but its type has 4"):
        metadata(builder.spec(), type_id, bytes(7))
