# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._view import map as map_view
from ansible_collections.ebpf.fleet.plugins.module_utils._view import pin as pin_view
from ansible_collections.ebpf.fleet.plugins.module_utils._view import prog as prog_view
from ansible_collections.ebpf.fleet.plugins.module_utils._view.compact import KEYS, compact


def test_what_is_null_or_empty_is_left_out_and_zero_and_false_stay():
    record = dict.fromkeys(prog_view.KEYS)
    record.update(id=5, type="xdp", name="", uid=0, jited=False, bytes_jited=0, map_ids=[], prog_tags=["x"])
    short, missing = compact("programs", [record])
    assert short == [{"id": 5, "type": "xdp", "uid": 0, "jited": False, "bytes_jited": 0}]
    assert missing == {}


def test_reasons_are_told_once_and_only_for_keys_that_facts_have():
    records = [
        {"id": 5, "bytes_jited": None, "unavailable": {"bytes_jited": "EACCES", "run_cnt": "unsupported"}},
        {"id": 6, "bytes_jited": None, "unavailable": {"bytes_jited": "EPERM", "jited": "EPERM"}},
    ]
    records = [dict(dict.fromkeys(prog_view.KEYS), **record) for record in records]
    short, missing = compact("programs", records)
    assert short == [{"id": 5}, {"id": 6}]
    assert missing == {"bytes_jited": "EACCES", "jited": "EPERM"}


def test_links_keep_what_they_have_but_what_facts_can_do_without():
    link = {"id": 5, "type": "kprobe_multi", "prog_id": 0, "cookie": 7, "order": None, "func_cnt": 2, "funcs": [1, 2]}
    link["unavailable"] = {"cookie": "unsupported", "flags": "unsupported"}
    link["flags"] = None
    short, missing = compact("links", [link])
    assert short == [{"id": 5, "type": "kprobe_multi", "prog_id": 0, "func_cnt": 2}]
    assert missing == {"flags": "unsupported"}
    assert link["funcs"] == [1, 2]


def test_every_key_of_the_facts_is_one_of_the_records():
    assert set(KEYS["programs"]) <= set(prog_view.KEYS)
    assert set(KEYS["maps"]) <= set(map_view.KEYS)
    assert set(KEYS["pins"]) <= set(pin_view.KEYS)


def test_nothing_is_nothing():
    assert compact("programs", []) == ([], {})
