# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds


def test_numbers_names_and_lengths_belong_together():
    for number, name in enumerate(kinds.NAMES[1:], 1):
        assert getattr(kinds, name) == number
    assert set(kinds.WORDS) == set(range(1, len(kinds.NAMES)))
