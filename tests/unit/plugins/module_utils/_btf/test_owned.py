# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds, owned
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def test_locks_timers_and_pointers_are_the_kernels():
    made = Builder()
    word = made.integer("u32", 4, 0)
    lock = made.struct(4, ("val", word, 0), name="bpf_spin_lock")
    timer = made.struct(16, ("opaque", made.array(word, 4), 0), name="bpf_timer")
    task = made.struct(4, ("pid", word, 0), name="task")
    kept = made.pointer(made.refer(kinds.TYPE_TAG, task, "kptr"))
    plain = made.pointer(task)
    part = made.struct(20, ("timer", timer, 0), ("word", word, 128))
    members = (("lock", lock, 0), ("count", word, 32), ("kept", kept, 64), ("plain", plain, 128))
    value = made.struct(64, *members, ("parts", made.array(part, 2), 192))
    named = made.refer(kinds.TYPEDEF, value, "value_t")
    mask = owned.mask(made.spec(), named, 64)
    assert mask == b"\xff" * 4 + bytes(4) + b"\xff" * 8 + bytes(8) + (b"\xff" * 16 + bytes(4)) * 2


def test_other_types_have_none():
    made = Builder()
    word = made.integer("u32", 4, 0)
    types = (word, made.array(word, 3), made.struct(4, ("a", word, 0), name="lock"))
    for type_id in types:
        assert not any(owned.mask(made.spec(), type_id, 12))
