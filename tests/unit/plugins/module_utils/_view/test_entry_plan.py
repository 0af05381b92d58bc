# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_plan import Terms, Unfit, merged, plan

PRESENT = {b"a": b"11", b"b": b"22", b"c": b"33"}


def want(values, mask=None, masks=None, lacks=None):
    return SimpleNamespace(values=values, mask=mask, masks=masks or {}, lacks=lacks or {})


def counts(made):
    return [made.counts[name] for name in ("added", "updated", "deleted", "unchanged")]


def test_what_differs():
    made = plan(PRESENT, want({b"a": b"11", b"b": b"99", b"d": b"44", b"c": None, b"e": None}), Terms())
    assert (made.updates, made.adds, made.deletes) == ({b"b": b"99"}, {b"d": b"44"}, [b"c"])
    assert counts(made) == [1, 1, 1, 2]
    assert made.order == ["update", "add", "delete"]
    assert list(made.values) == [b"b", b"d"]


def test_nothing_to_do():
    made = plan(PRESENT, want(dict(PRESENT)), Terms(purge=True))
    assert (counts(made), made.order, made.values) == ([0, 0, 0, 3], [], {})


def test_bits_that_do_not_count_stay():
    # the second byte of each value
    made = plan(PRESENT, want({b"a": b"1x", b"b": b"9x"}, mask=0x00FF), Terms())
    assert (made.updates, counts(made)) == ({b"b": b"92"}, [0, 1, 0, 1])
    made = plan(PRESENT, want({b"a": b"x1", b"b": b"x1"}, mask=0x00FF, masks={b"a": 0xFF00, b"b": 0xFF00}), Terms())
    assert (made.updates, counts(made)) == ({b"b": b"21"}, [0, 1, 0, 1])
    assert merged(b"22", b"99", None) == b"99"


def test_flags():
    assert counts(plan(PRESENT, want({b"a": b"11"}), Terms(flags="noexist"))) == [0, 0, 0, 1]
    with pytest.raises(Unfit, match="flags=noexist only adds") as caught:
        plan(PRESENT, want({b"a": b"12"}), Terms(flags="noexist"))
    assert caught.value.key == b"a"
    with pytest.raises(Unfit, match="flags=exist changes only"):
        plan(PRESENT, want({b"d": b"12"}), Terms(flags="exist"))


def test_nothing_to_keep_fields_from():
    with pytest.raises(Unfit, match="no old value to keep limit, kind from"):
        plan(PRESENT, want({b"d": b"12"}, lacks={b"d": ["limit", "kind"]}), Terms())
    assert counts(plan(PRESENT, want({b"a": b"12"}, lacks={b"a": ["limit"]}), Terms())) == [0, 1, 0, 0]


def test_purge():
    made = plan(PRESENT, want({b"b": b"22"}), Terms(purge=True))
    assert (made.deletes, counts(made)) == ([b"a", b"c"], [0, 0, 2, 1])
    with pytest.raises(Unfit, match="purge would delete 2 of 3 entries, and max_deletes is 1"):
        plan(PRESENT, want({b"b": b"22"}), Terms(purge=True, max_deletes=1))
    for empty in ({}, {b"a": None}):
        with pytest.raises(Unfit, match="allow_empty"):
            plan(PRESENT, want(empty), Terms(purge=True))
    assert counts(plan(PRESENT, want({}), Terms(purge=True, allow_empty=True))) == [0, 0, 3, 0]


@pytest.mark.parametrize(("there", "allowed"), [(150, 100), (1500, 150)])
def test_the_default_of_max_deletes(there, allowed):
    present = {b"%d" % number: b"11" for number in range(there)}
    some = dict(list(present.items())[allowed:])
    assert len(plan(present, want(some), Terms(purge=True)).deletes) == allowed
    some.popitem()
    with pytest.raises(Unfit, match=f"max_deletes is {allowed}"):
        plan(present, want(some), Terms(purge=True))


def test_what_cannot_be_deleted_becomes_zero():
    made = plan(dict(PRESENT, z=b"\0\0"), want({b"a": None, b"b": b"22"}), Terms(purge=True, zero=True))
    assert (made.zeroed, made.deletes) == ({b"a": b"\0\0", b"c": b"\0\0"}, [])
    assert counts(made) == [0, 0, 2, 1]
    assert (made.order, list(made.values)) == (["update"], [b"a", b"c"])
    assert plan(PRESENT, want({b"a": None}, mask=0xFF00), Terms(zero=True)).zeroed == {b"a": b"1\0"}
    assert counts(plan({b"a": b"\0\0"}, want({b"a": None}), Terms(zero=True))) == [0, 0, 0, 1]


def test_room():
    with pytest.raises(Unfit, match="room for 4 entries and holds 3, and 2 more are wanted"):
        plan(PRESENT, want({b"d": b"44", b"e": b"55"}), Terms(room=4))
    made = plan(PRESENT, want({b"d": b"44", b"e": b"55", b"a": None}), Terms(room=4))
    assert (made.order, made.deletes_first) == (["delete", "add"], True)
    made = plan(PRESENT, want({b"d": b"44", b"a": None}), Terms(room=4))
    assert (made.order, made.deletes_first) == (["add", "delete"], False)
