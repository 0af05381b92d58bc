# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_entry, map_reading


def test_the_options_are_those_of_a_reading_and_more():
    """What the options do is tested with the module, in tests/unit/plugins/modules/test_bpf_map_entry.py."""
    assert set(map_reading.SPEC) < set(map_entry.SPEC)
    # one way for all entries to come in
    assert ("entries", "src", "key", "key_raw") in map_entry._APART
