# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import owned
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.owned_names import NAMES, POINTERS, names_owned


@pytest.mark.parametrize("name", [*NAMES, *POINTERS])
def test_no_part_of_the_kernels_is_passed_over(name):
    assert (owned.NAMES, owned.POINTERS) == (NAMES, POINTERS)
    for strings in (f"\0int\0{name}\0u32\0", f"\0tail_merged_{name}\0"):
        assert names_owned(strings.encode())


def test_other_names_are_none():
    assert not names_owned(b"\0int\0bpf_spin_lock_count\0limit\0")
    assert not names_owned(b"")
