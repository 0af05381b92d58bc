# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_info
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types


def fills(**wanted):
    selector = Selector(wanted) if wanted else None
    return {
        record["id"]: (record["fill"], record.get("unavailable", {}).get("fill"))
        for record in map_info.read(selector, ["fill"])
    }


def test_the_column(kernel):
    kernel.add_map(5, entries={struct.pack("=I", number): bytes(8) for number in range(3)})
    kernel.add_map(6, type=map_types.ARRAY, max_entries=9)
    assert fills() == {
        5: ({"count": 3, "method": "exact", "error": 0}, None),
        6: ({"count": 9, "method": "exact", "error": 0}, None),
    }


def test_what_cannot_be_told_has_a_reason(kernel):
    kernel.add_map(5, type=map_types.QUEUE, key_size=0)
    kernel.add_map(6, type=map_types.RINGBUF, key_size=0)
    kernel.add_map(7, type=99)
    kernel.fault(commands.BPF_MAP_GET_NEXT_KEY, 524)
    told = fills()
    assert {fill for fill, _why in told.values()} == {None}
    assert told[5][1] == "only the next value can be looked at"
    assert told[6][1].startswith("a ring buffer has no entries")
    assert told[7][1] == "ENOTSUPP"


def test_a_map_that_vanished_meanwhile(kernel):
    made = kernel.add_map(5)
    opened = []

    def gone(call):
        opened.append(call)
        if len(opened) > 1:
            kernel.remove(made)

    kernel.before(commands.BPF_MAP_GET_FD_BY_ID, gone)
    assert fills() == {5: (None, "ENOENT")}


def test_by_a_pin_without_rights(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(15))
    kernel.can_list = kernel.capable = False
    assert fills(pinned=bpffs.text(b"/bpf/a"))[15][0]["count"] == 0


def test_not_asked_for_it_is_not_there_and_nothing_is_read(kernel):
    kernel.add_map(5)
    assert "fill" not in map_info.read()[0]
    assert kernel.count(commands.BPF_MAP_LOOKUP_BATCH) == 0
