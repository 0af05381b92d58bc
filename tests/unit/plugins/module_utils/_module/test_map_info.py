# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_info, maps


def test_without_the_column_it_is_what_everybody_lists(kernel):
    kernel.add_map(5)
    assert map_info.read() == maps.read()
    assert set(map_info.INCLUDE) - set(maps.INCLUDE) == {"fill"}


def test_the_code_of_the_column_is_imported_by_who_asks(kernel, monkeypatch):
    kernel.add_map(5)
    for name in [name for name in sys.modules if name.endswith((".map_fill", ".map_batch"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("ansible_collections.ebpf.fleet.plugins.module_utils._module.map_fill", raising=False)
    map_info.read()
    assert not [name for name in sys.modules if name.endswith(".map_fill")]
    assert map_info.read(include=["fill"])[0]["fill"]["method"] == "exact"
