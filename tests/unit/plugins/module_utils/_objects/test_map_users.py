# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_users, owners


def test_who_keeps_a_map(kernel, bpffs, monkeypatch):
    found = owners.Owners()
    monkeypatch.setattr(owners, "scan", lambda: found)
    kernel.add_map(40)
    assert map_users.kept_by_others(40) is False
    found.pids["map"][40] = [os.getpid()]
    assert map_users.kept_by_others(40) is False
    found.pids["map"][40] = [os.getpid(), 1]
    assert map_users.kept_by_others(40) is True
    found.pids["map"].clear()
    bpffs.add(b"/bpf/table", kernel.objects["map"][40])
    assert map_users.kept_by_others(40) is True
    assert map_users.kept_by_others(41) is False


def test_who_uses_a_map(kernel):
    kernel.add_program(7, map_ids=[40, 41])
    assert map_users.has_program(41) is True
    assert map_users.has_program(42) is False
