# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import btfs
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands


def users(records):
    return [(record["id"], record["prog_ids"], record["map_ids"]) for record in records]


@pytest.fixture
def used(kernel):
    for number in (1, 60, 61):
        kernel.add_btf(number)
    kernel.add_program(30, btf_id=60)
    kernel.add_program(31, btf_id=60)
    kernel.add_program(32)
    kernel.add_map(40, btf_id=60)
    kernel.add_map(41, btf_id=1)
    return kernel


def test_objects_and_who_uses_them(used):
    assert users(btfs.read()) == [(1, [], [41]), (60, [30, 31], [40]), (61, [], [])]


def test_one_object_by_id(used):
    assert users(btfs.read(Selector({"id": 60}))) == [(60, [30, 31], [40])]
    assert used.count(commands.BPF_BTF_GET_NEXT_ID) == 0


def test_nothing_found_costs_no_walk(used):
    assert btfs.read(Selector({"id": 62})) == []
    assert used.count(commands.BPF_PROG_GET_NEXT_ID) == 0


@pytest.mark.parametrize("cmd", [commands.BPF_PROG_GET_NEXT_ID, commands.BPF_MAP_GET_NEXT_ID])
def test_users_that_cannot_be_listed_are_unknown(used, cmd):
    used.fault(cmd, errno.EPERM)
    record = btfs.read()[0]
    assert (record["prog_ids"], record["map_ids"]) == (None, None)
    assert record["unavailable"] == {"prog_ids": "EPERM", "map_ids": "EPERM"}


def test_a_kernel_that_cannot_list_btf(make_kernel):
    make_kernel("4.18")
    with pytest.raises(KernelError) as caught:
        btfs.read()
    assert (caught.value.call, caught.value.name) == ("BPF_BTF_GET_NEXT_ID", "EINVAL")


def test_users_that_could_not_be_read_are_left_out(used):
    used.objects["prog"][30].info_errno = errno.ENODEV
    assert users(btfs.read(Selector({"id": 60}))) == [(60, [31], [40])]


def test_pids(used, proc):
    proc.add_process(7, "agent", {3: ("anon_inode:btf", b"pos:\t0\nbtf_id:\t60\n")})
    records = btfs.read(include=["pids"])
    assert [record["pids"] for record in records] == [[], [{"pid": 7, "comm": "agent"}], []]
