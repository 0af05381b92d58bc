# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.limit_pair import UNLIMITED
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.memlock import Limit
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.pam_limits import Line
from ansible_collections.ebpf.fleet.plugins.module_utils._view import limit as view
from ansible_collections.ebpf.fleet.plugins.module_utils._view import memlock

EMPTY = {"scope": None, "pid": None, "comm": None, "unit": None, "user": None, "soft": None, "hard": None, "file": None}


def test_a_unit_and_the_manager():
    record = view.systemd_record("unit", "a.service", (4, UNLIMITED), "/f")
    assert record == dict(EMPTY, scope="unit", unit="a.service", soft=4, hard="unlimited", file="/f")
    assert view.systemd_record("manager", "systemd", (0, 0), None) == dict(EMPTY, scope="manager", soft=0, hard=0)


def test_what_systemd_does_not_tell_is_null_with_a_reason():
    record = view.systemd_record("unit", "a@.service", (None, None), None)
    assert (record["soft"], record["hard"]) == (None, None) and set(record["unavailable"]) == {"soft", "hard"}


def test_the_last_line_of_a_user_counts():
    lines = [Line("/a", "u", 4, 8), Line("/b", "u", None, UNLIMITED)]
    assert view.user_record("u", lines) == dict(EMPTY, scope="user", user="u", soft=4, hard="unlimited", file="/b")
    assert view.user_record("u", lines[1:])["soft"] is None


def test_all_scopes_have_the_keys_of_a_process():
    process = memlock.limit_record(Limit(1, "a", None, "root", 4, 4, {}))
    assert list(process) == list(view.systemd_record("unit", "a", (1, 1), None))
    assert list(process) == list(view.user_record("u", [Line("/a", "u", 4, 8)]))
