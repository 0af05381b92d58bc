# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.memlock import UNLIMITED, Limit
from ansible_collections.ebpf.fleet.plugins.module_utils._view.headroom import Usage

NAMES = {0: "root", 1000: "alice"}


def usage(programs=(), maps=(), holders=None):
    records = [
        {"id": 9 + n, "uid": uid, "bytes_memlock": size, "map_ids": ids} for n, (uid, size, ids) in enumerate(programs)
    ]
    found = [{"id": number, "bytes_memlock": size} for number, size in maps]
    return Usage(records, found, holders or {}, NAMES.__getitem__)


def limit(soft, user="root"):
    return Limit(7, "agent", None, user, soft, soft, {})


def test_programs_are_charged_to_who_loaded_them():
    found = usage([(0, 100, []), (0, 20, None), (1000, 3, [])])
    assert found.by_user == {"root": 120, "alice": 3}
    assert found.headroom(limit(1000)) == {"estimate": 880, "charged": 120, "unattributed": 0}
    assert found.headroom(limit(1000, "bob"))["charged"] == 0


@pytest.mark.parametrize(
    ("programs", "holders", "by_user", "unattributed"),
    [
        # the program that uses a map tells more than who has it open
        ([(0, 0, [5])], {5: ["alice"]}, {"root": 8}, 0),
        ([(0, 0, [5]), (0, 0, [5])], {}, {"root": 8}, 0),
        ([(0, 0, [5]), (1000, 0, [5])], {}, {"root": 0, "alice": 0}, 8),
        ([], {5: ["alice"]}, {"alice": 8}, 0),
        ([], {5: ["alice", "root"]}, {}, 8),
        ([], {}, {}, 8),
        ([(None, 0, [5])], {5: ["alice"]}, {"alice": 8}, 0),
    ],
)
def test_maps_belong_to_who_can_be_told(programs, holders, by_user, unattributed):
    found = usage(programs, [(5, 8)], holders)
    assert {user: size for user, size in found.by_user.items() if size} == {u: s for u, s in by_user.items() if s}
    assert found.unattributed == unattributed


def test_there_is_never_less_than_nothing_left():
    found = usage([(0, 100, [])])
    assert found.headroom(limit(0))["estimate"] == 0
    assert found.headroom(limit(UNLIMITED))["estimate"] == "unlimited"


def test_no_estimate_of_what_is_not_known():
    found = usage([(0, 100, [])])
    assert found.headroom(limit(None)) is None and found.headroom(limit(4, user=None)) is None
    assert usage([(0, None, [])]).why == "the size of program 9 is not known"
    assert usage([], [(5, None)], {}).why == "the size of map 5 is not known"
