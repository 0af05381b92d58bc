# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import NoSuchMap, open_id, open_one


def opened(**wanted):
    with open_one(dict({"id": None, "name": None, "pinned": None}, **wanted)) as found:
        return found.record()


@pytest.fixture
def maps(kernel):
    kernel.add_map(40, type=1, name=b"table")
    kernel.add_map(41, type=2, name=b"twice")
    kernel.add_map(42, type=2, name=b"twice")
    return kernel


def test_by_id_and_name(maps):
    assert opened(id=40) == opened(name="table")
    assert opened(id=40) == {
        "id": 40, "type": "hash", "name": "table", "bytes_key": 4, "bytes_value": 8, "max_entries": 16,
    }  # fmt: skip


def test_by_pin_without_rights(maps, bpffs):
    bpffs.add(b"/bpf/m", maps.objects["map"][40])
    maps.can_list = False
    assert opened(pinned=bpffs.text(b"/bpf/m"))["name"] == "table"


def test_none_with_that_name(maps):
    with pytest.raises(NoSuchMap, match=r"there is no map with name=tabel; near: 40 \(hash table\)") as caught:
        opened(name="tabel")
    assert [record["id"] for record in caught.value.near] == [40]


@pytest.mark.parametrize("number", [7, 0, -1, 2**31])
def test_none_with_that_id(maps, number):
    with pytest.raises(NoSuchMap, match=f"there is no map with id={number}"):
        opened(id=number)


def test_several_with_that_name(maps):
    with pytest.raises(NoSuchMap, match=r"2 maps are called twice: 41 \(array\), 42 \(array\); name one by id"):
        opened(name="twice")


def test_a_refusal(maps):
    maps.can_list = False
    with pytest.raises(Denied):
        opened(id=40)


def test_a_map_that_cannot_be_read_is_closed_again(maps):
    maps.objects["map"][40].info_errno = 1
    with pytest.raises(Denied):
        open_id(40)
