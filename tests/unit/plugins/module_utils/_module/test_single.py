# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import single
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, pin
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands


def read(kind, **params):
    return single.read_one(kind, Selector(params), lambda number, fd: (number, fd >= 0))


def test_by_id(kernel):
    kernel.add_program(5)
    assert read(ids.PROG, id=5) == [(5, True)]
    assert read(ids.PROG, id=6) == []


@pytest.mark.parametrize("number", [-1, 0, 2**31, 2**32, 2**64])
def test_a_number_that_is_no_id_is_not_asked_for(kernel, number):
    assert read(ids.PROG, id=number) == []
    assert kernel.calls == []


@pytest.mark.parametrize("number", [errno.EPERM, errno.EINVAL, errno.EACCES])
def test_a_refusal_is_an_error(kernel, number):
    kernel.fault(commands.BPF_MAP_GET_FD_BY_ID, number)
    with pytest.raises(KernelError) as caught:
        read(ids.MAP, id=5)
    assert caught.value.errno == number


def test_by_pin_which_goes_first(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(5))
    kernel.can_list = False
    path = bpffs.text(b"/bpf/a")
    assert read(ids.MAP, pinned=path) == [(0, True)]
    assert read(ids.MAP, pinned=path, id=9) == [(9, True)]
    assert kernel.count(commands.BPF_MAP_GET_FD_BY_ID) == 0
    assert read(ids.MAP, pinned=bpffs.text(b"/bpf/b")) == []


def test_a_pin_of_another_kind(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(5))
    with pytest.raises(single.WrongPin) as caught:
        read(ids.PROG, pinned=bpffs.text(b"/bpf/a"))
    assert str(caught.value) == bpffs.text(b"/bpf/a") + " holds a map, not a prog"


def test_a_pin_of_no_kind(bpffs, kernel, monkeypatch):
    bpffs.add(b"/bpf/a", kernel.add_map(5))
    monkeypatch.setattr(pin, "kind_of", lambda _fd: None)
    with pytest.raises(single.WrongPin, match="holds no program, map or link, not a map"):
        read(ids.MAP, pinned=bpffs.text(b"/bpf/a"))


@pytest.mark.parametrize("inside", [True, False])
def test_a_path_outside_of_bpffs_is_not_a_missing_right(bpffs, kernel, monkeypatch, inside):
    """The kernel says EACCES to both."""
    bpffs.add(b"/bpf/a", errno.EACCES)
    monkeypatch.setattr(pin, "is_in_bpffs", lambda _path: inside)
    with pytest.raises(Denied if inside else single.WrongPin) as caught:
        read(ids.MAP, pinned=bpffs.text(b"/bpf/a"))
    assert inside or str(caught.value) == bpffs.text(b"/bpf/a") + " is not in a BPF file system"


def test_a_path_that_is_not_utf_8(bpffs, kernel):
    bpffs.add(b"/bpf/\xff", kernel.add_map(5))
    assert read(ids.MAP, pinned=bpffs.text(b"/bpf/\xff")) == [(0, True)]


def test_a_read_that_fails_leaves_no_descriptor(bpffs, kernel):
    kernel.add_program(5)

    def fail(_number, _fd):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        single.read_one(ids.PROG, Selector({"id": 5}), fail)


@pytest.mark.parametrize(
    ("params", "one"), [({}, False), ({"name": "x"}, False), ({"id": 5}, True), ({"pinned": "/p"}, True)]
)
def test_which_selectors_lead_to_one_object(params, one):
    assert single.names_one(Selector(params)) is one
    assert single.names_one(None) is False
