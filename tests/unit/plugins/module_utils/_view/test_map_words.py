# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.map_words import STORAGES, why_unreadable

SILENT = (
    map_types.PERF_EVENT_ARRAY, map_types.CGROUP_ARRAY, map_types.XSKMAP, map_types.SOCKMAP, map_types.SOCKHASH,
    map_types.REUSEPORT_SOCKARRAY, map_types.RINGBUF, map_types.USER_RINGBUF, map_types.ARENA, map_types.BLOOM_FILTER,
)  # fmt: skip


@pytest.mark.parametrize("kind", [*SILENT, *STORAGES])
def test_a_reason_for_every_type_that_tells_nothing(kind):
    assert len(why_unreadable(kind)) > 20


def test_storage_tells_how_to_look_up():
    assert why_unreadable(map_types.TASK_STORAGE).endswith("look one up with key {pid: ...}")


@pytest.mark.parametrize("kind", [map_types.HASH, map_types.QUEUE, 99])
def test_types_that_can_be_read_have_none(kind):
    assert why_unreadable(kind) == ""
