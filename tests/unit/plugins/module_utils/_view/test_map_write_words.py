# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import map_write_words as words

REFUSED = (
    "perf_event_array", "cgroup_array", "sockmap", "sockhash", "xskmap", "reuseport_sockarray", "sk_storage", "ringbuf",
    "user_ringbuf", "arena", "stack_trace", "struct_ops", "bloom_filter", "insn_array", "task_storage", "inode_storage",
    "cgrp_storage", "cgroup_storage", "percpu_cgroup_storage",
)  # fmt: skip


@pytest.mark.parametrize("name", map_types.NAMES[1:])
def test_each_type_is_written_or_has_a_reason(name):
    assert bool(words.why_unwritable(map_types.NAMES.index(name))) == (name in REFUSED)


def test_why_the_kernel_refused():
    info = SimpleNamespace(type=map_types.HASH, max_entries=12)
    assert "room for 12 entries" in words.why_refused(info, "E2BIG")
    assert words.why_refused(info, "EINVAL") == ""
    for kind in (map_types.PROG_ARRAY, map_types.HASH_OF_MAPS, map_types.DEVMAP):
        assert words.why_refused(SimpleNamespace(type=kind, max_entries=12), "EINVAL")
