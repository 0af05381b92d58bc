# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types


def info(kind, key=4, value=6):
    return SimpleNamespace(type=kind, key_size=key, value_size=value)


def test_a_plain_value_has_its_size():
    assert shape(info(map_types.HASH)) == (4, 6, 6, (), 6)


@pytest.mark.parametrize("kind", [map_types.PERCPU_HASH, map_types.LRU_PERCPU_HASH, map_types.PERCPU_ARRAY])
@pytest.mark.parametrize(("size", "each"), [(1, 8), (8, 8), (9, 16)])
def test_a_value_for_each_possible_cpu_in_steps_of_8_bytes(kind, size, each):
    found = shape(info(kind, value=size), possible=[0, 2, 5])
    assert found == (4, size, each, (0, 2, 5), 3 * each)


def test_the_cpus_of_the_machine():
    assert shape(info(map_types.PERCPU_HASH)).cpus[0] == 0
