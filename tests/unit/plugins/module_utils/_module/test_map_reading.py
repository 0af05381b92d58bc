# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_reading import Reading, wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import open_id
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view.forms import Wanted
from ansible_collections.ebpf.fleet.plugins.module_utils._view.where import Where

NUMBERS = Wanted("u32", "u64", "native")
NO = Where([])


@pytest.fixture
def reading(kernel):
    """Return a maker of readings of a new map."""
    opened = []

    def make(count, forms=NUMBERS, kind=map_types.HASH, **info):
        entries = {struct.pack("=I", number): struct.pack("=Q", number * number) for number in range(count)}
        opened.append(open_id(kernel.add_map(type=kind, entries=info.pop("entries", entries), **info).id))
        return Reading(opened[-1], forms)

    yield make
    for one in opened:
        one.fd.close()


def keys(found):
    return [entry["key"] for entry in found["entries"]]


@pytest.mark.parametrize(
    ("limit", "complete", "after"), [(3, False, 2), (9, False, 8), (10, True, None), (11, True, None)]
)
def test_a_limit(reading, limit, complete, after):
    found = reading(10).some(limit, None, NO)
    assert keys(found) == list(range(10))[:limit]
    assert (found["complete"], found["next_after"]) == (complete, after)


def test_page_by_page(reading):
    made, seen, after = reading(25), [], None
    while True:
        found = made.some(10, after, NO)
        seen += keys(found)
        if found["complete"]:
            break
        after = made.key(found["next_after"], None, "next_after")
    assert seen == list(range(25))


def test_conditions_come_before_the_limit(reading):
    found = reading(9000, max_entries=9000).some(2, None, Where([{"field": "value", "op": "ge", "value": 8000**2}]))
    assert (keys(found), found["complete"], found["next_after"]) == ([8000, 8001], False, 8001)
    assert keys(reading(9).some(2, None, Where([{"field": "key", "op": "eq", "value": 99}]))) == []


def test_a_key_that_its_form_does_not_say(reading):
    made = reading(0, Wanted("string", "hex"), entries={b"ab\0c": bytes(8), b"zz\0\0": bytes(8)})
    found = made.some(1, None, NO)
    assert (found["next_after"], found["next_after_raw"]) == ("ab", "61 62 00 63")
    assert keys(made.some(1, made.key(None, "61 62 00 63", "next_after"), NO)) == ["zz"]


def test_one_key(reading):
    assert reading(5).one(struct.pack("=I", 4)) == [{"key": 4, "value": 16}]
    assert reading(5).one(struct.pack("=I", 5)) == []


def test_keys_that_do_not_fit(reading):
    with pytest.raises(WrongValue, match="key: 'x' is no integer"):
        reading(1).key("x", None, "key")
    with pytest.raises(WrongValue, match="key_raw: 1 bytes, but there have to be 4"):
        reading(1).key(None, "00", "key")
    with pytest.raises(WrongValue, match="have no keys"):
        reading(0, kind=map_types.QUEUE, key_size=0).key(1, None, "key")


def test_what_a_task_wants():
    made = wanted({"key_format": "hex", "value_format": "u8", "byte_order": "big"})
    assert (made.key, made.value, made.byte_order) == ("hex", "u8", "big")
