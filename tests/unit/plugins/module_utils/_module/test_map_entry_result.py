# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_entry_result
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_users
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_plan import Plan


class Module:
    def __init__(self, **params):
        self.params, self.warnings = dict({"pinned": None}, **params), []

    def warn(self, text):
        self.warnings.append(text)


def change(drifted=(), appeared=(), evicted=0, adds=0, present=0, kind=map_types.HASH, deletes_first=False):
    plan = Plan()
    plan.adds, plan.deletes_first = {b"%d" % one: b"" for one in range(adds)}, deletes_first
    return SimpleNamespace(
        reading=SimpleNamespace(opened=SimpleNamespace(words=lambda: "map 5", record=lambda: {"id": 5})),
        info=SimpleNamespace(id=5, type=kind, max_entries=10),
        plan=plan,
        present=dict.fromkeys(range(present)),
        writer=None,
        drifted=list(drifted),
        appeared=list(appeared),
        evicted=evicted,
        shown=lambda keys: [key.decode() for key in keys],
    )


def warned(made, **params):
    module = Module(**params)
    map_entry_result.warn(module, made)
    return module.warnings


def test_a_quiet_run():
    assert warned(change(adds=3)) == []
    told = map_entry_result.told(change(adds=3))
    assert (told["counts"]["added"], told["written"], told["order"]) == (3, 0, ["add"])


def test_a_long_list_is_not_sent_back():
    few, many = {"entries": [{}] * 100, "key": None}, {"entries": [{}] * 101, "key": None}
    assert map_entry_result.asked(few) == few
    assert map_entry_result.asked(many) == {"entries": "101 entries", "key": None}
    assert map_entry_result.asked({"entries": None}) == {"entries": None}


def test_what_a_user_should_know():
    keys = [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert warned(change(drifted=keys)) == [
        "map 5: 6 of the written entries are something else by now: a, b, c, d, e, ..."
    ]
    assert warned(change(appeared=keys[:1])) == ["map 5: 1 entries came during the run and are left: a"]
    assert "evicted 2 of" in warned(change(evicted=2))[0]
    assert "deleted before others" in warned(change(deletes_first=True))[0]


def test_an_lru_map_that_is_crowded():
    assert warned(change(adds=4, present=4, kind=map_types.LRU_HASH)) == []
    assert "9 entries of 10" in warned(change(adds=4, present=5, kind=map_types.LRU_HASH))[0]
    assert warned(change(adds=4, present=5)) == []


def test_a_pin_without_a_program(monkeypatch):
    def refuse(_map_id):
        raise kernel_error("BPF_PROG_GET_NEXT_ID", 1)

    monkeypatch.setattr(map_users, "has_program", lambda map_id: map_id != 5)
    assert "no program uses the map" in warned(change(adds=1), pinned="/p")[0]
    assert warned(change(), pinned="/p") == []
    assert warned(change(adds=1)) == []
    monkeypatch.setattr(map_users, "has_program", refuse)
    assert warned(change(adds=1), pinned="/p") == []
