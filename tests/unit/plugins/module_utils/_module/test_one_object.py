# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._module import one_object
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_object import NoSuchObject
from ansible_collections.ebpf.fleet.plugins.module_utils._module.single import WrongPin
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import pin
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

NOTHING = dict.fromkeys((*one_object.SELECTORS, "kind"))


def opened(**params):
    """Return (kind, id) of what is opened."""
    with one_object.open_one({**NOTHING, **params}) as fd:
        found = pin.planned(b"/x", b"", fd.number)
        return found.kind, found.id


@pytest.fixture
def objects(bpffs, kernel):
    kernel.add_program(5, type=6, name=b"filter", tag=b"\1" * 8)
    kernel.add_program(6, type=6, name=b"gate", tag=b"\2" * 8)
    kernel.add_map(5, name=b"table")
    kernel.add_map(7, name=b"table")
    kernel.add_link(5, type=6)
    bpffs.add(b"/bpf/link", kernel.objects["link"][5])
    bpffs.add(b"/bpf/map", kernel.objects["map"][7])
    return kernel


def test_each_kind_by_id(objects):
    for kind in ("prog", "map", "link"):
        assert opened(kind=kind, id=5) == (kind, 5)


def test_programs_and_maps_by_name_and_tag(objects):
    assert opened(kind="prog", name="gate") == ("prog", 6)
    assert opened(tag="02" * 8) == ("prog", 6)
    assert opened(tag="01" * 8, kind="prog") == ("prog", 5)


def test_a_pin_knows_its_kind(objects, bpffs):
    assert opened(pinned=bpffs.text(b"/bpf/link")) == ("link", 5)
    assert opened(pinned=bpffs.text(b"/bpf/map")) == ("map", 7)
    assert opened(pinned=bpffs.text(b"/bpf/map"), kind="map") == ("map", 7)
    with pytest.raises(WrongPin, match="holds a map, not a prog"):
        opened(pinned=bpffs.text(b"/bpf/map"), kind="prog")


def test_several_are_named(objects):
    with pytest.raises(NoSuchObject, match=r"2 maps have name=table: 5 \(hash table\), 7 \(hash table\)") as caught:
        opened(kind="map", name="table")
    assert caught.value.near == [{"id": number, "type": "hash", "name": "table"} for number in (5, 7)]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"kind": "prog", "name": "gat"}, r"there is no program with name=gat; near: 6 \(xdp gate\)"),
        ({"kind": "prog", "id": 99}, "there is no program with id=99"),
        ({"tag": "03" * 8}, "there is no program with tag=0303"),
        ({"kind": "link", "id": 99}, "there is no link with id=99"),
        ({"kind": "link", "name": "x"}, "links have no names"),
        ({"kind": "map", "tag": "03" * 8}, "a map has no tag"),
    ],
)
def test_what_is_not_there(objects, params, words):
    with pytest.raises(NoSuchObject, match=words):
        opened(**params)


def test_a_pin_that_is_not_there(objects, bpffs):
    with pytest.raises(NoSuchObject, match="there is no map with pinned="):
        opened(pinned=bpffs.text(b"/bpf/none"))


def test_a_missing_right(objects, bpffs):
    objects.can_list = False
    with pytest.raises(Denied):
        opened(kind="map", name="table")
    objects.fault(commands.BPF_OBJ_GET, errno.EACCES)
    with pytest.raises(Denied):
        opened(pinned=bpffs.text(b"/bpf/map"))


def test_nothing_near_where_nothing_can_be_listed(objects):
    objects.fault(commands.BPF_MAP_GET_FD_BY_ID, errno.ENOENT)
    objects.can_list = False
    with pytest.raises(NoSuchObject) as caught:
        opened(kind="map", id=9)
    assert caught.value.near == []
