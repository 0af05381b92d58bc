# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.memlock import UNLIMITED, Limit
from ansible_collections.ebpf.fleet.plugins.module_utils._view import memlock as view

LIMIT = Limit(7, "agent", "a.service", "root", 65536, UNLIMITED, {})


def test_a_limit_is_bytes_or_the_word():
    assert view.limit_record(LIMIT) == {
        "scope": "process",
        "pid": 7,
        "comm": "agent",
        "unit": "a.service",
        "user": "root",
        "soft": 65536,
        "hard": "unlimited",
        "file": None,
    }


def test_zero_is_a_limit():
    assert view.limit_record(LIMIT._replace(soft=0))["soft"] == 0


def test_what_was_refused_is_null_with_its_reason():
    record = view.limit_record(LIMIT._replace(soft=None, hard=None, unavailable={"soft": "EPERM", "hard": "EPERM"}))
    assert (record["soft"], record["hard"], record["unavailable"]) == (None, None, {"soft": "EPERM", "hard": "EPERM"})
