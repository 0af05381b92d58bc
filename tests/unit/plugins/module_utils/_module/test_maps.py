# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._module import maps
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands


@pytest.mark.parametrize("count", [0, 1, 65, 200])
def test_all_maps_in_the_order_of_their_ids(kernel, count):
    for _turn in range(count):
        kernel.add_map()
    assert [record["id"] for record in maps.read()] == list(range(1, count + 1))


def test_one_map_by_id_without_listing(kernel):
    kernel.add_map(3, name=b"one")
    kernel.add_map(15)
    assert [record["name"] for record in maps.read(Selector({"id": 3}))] == ["one"]
    assert maps.read(Selector({"id": 4})) == []
    assert kernel.count(commands.BPF_MAP_GET_NEXT_ID) == 0


def test_one_map_by_its_pin_without_rights(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(15))
    kernel.can_list = kernel.capable = False
    assert [record["id"] for record in maps.read(Selector({"pinned": bpffs.text(b"/bpf/a")}))] == [15]


def test_a_refused_walk_is_an_error(make_kernel):
    make_kernel(can_list=False)
    with pytest.raises(Denied):
        maps.read()


def test_columns(bpffs, proc, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(15))
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    (record,) = maps.read(include=["pinned", "pids"])
    assert (record["pinned"], record["pids"]) == ([bpffs.text(b"/bpf/a")], [])
    assert "pinned" not in maps.read()[0]


def test_the_reach_of_the_kernel_is_that_of_the_one_map_that_was_read(make_kernel):
    kernel = make_kernel("4.18")
    kernel.add_map(15)
    (record,) = maps.read(Selector({"id": 15}))
    assert record["unavailable"] == {"map_extra": "unsupported", "frozen": "unsupported"}
