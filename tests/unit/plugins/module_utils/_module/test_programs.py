# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._module import programs
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands


def test_all_programs_in_the_order_of_their_ids(kernel):
    for number in (70, 3, 15):
        kernel.add_program(number)
    assert [record["id"] for record in programs.read()] == [3, 15, 70]


def test_no_program_is_an_empty_list(kernel):
    assert programs.read() == []


def test_one_program_by_id_without_listing(kernel):
    kernel.add_program(3)
    kernel.add_program(15)
    assert [record["id"] for record in programs.read(Selector({"id": 15}))] == [15]
    assert programs.read(Selector({"id": 16})) == []
    assert kernel.count(commands.BPF_PROG_GET_NEXT_ID) == 0


def test_one_program_by_its_pin_without_rights(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_program(15, name=b"filter"))
    kernel.can_list = kernel.capable = False
    (record,) = programs.read(Selector({"pinned": bpffs.text(b"/bpf/a")}))
    assert (record["id"], record["name"], record["bytes_xlated"]) == (15, "filter", None)


def test_a_name_needs_the_whole_list(kernel):
    kernel.add_program(3)
    kernel.add_program(15)
    assert len(programs.read(Selector({"name": "x"}))) == 2


def test_a_refused_walk_is_an_error(make_kernel):
    make_kernel(can_list=False)
    with pytest.raises(Denied):
        programs.read()


def test_the_load_time_is_a_date(kernel):
    with open("/proc/uptime", encoding="ascii") as handle:
        uptime = float(handle.read().split()[0])
    kernel.add_program(load_time=int(uptime * 10**9))
    assert abs(programs.read()[0]["loaded_at"] - time.time()) < 5


def test_columns(bpffs, proc, kernel):
    program = bpffs.add(b"/bpf/a", kernel.add_program(15))
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    proc.add_process(7, "agent", {3: ("anon_inode:bpf-prog", b"pos:\t0\nprog_id:\t15\n")})
    (record,) = programs.read(include=["pinned", "pids", "metadata"])
    assert record["id"] == program.id
    assert record["pinned"] == [bpffs.text(b"/bpf/a")]
    assert record["pids"] == [{"pid": 7, "comm": "agent"}]
    assert record["metadata"] == {}


def test_what_vanishes_and_what_is_orphaned_fail_nothing(kernel):
    programs_made = [kernel.add_program() for _turn in range(3)]
    programs_made[1].info_errno = errno.ENODEV
    kernel.before(
        commands.BPF_PROG_GET_FD_BY_ID, lambda _call: kernel.remove(programs_made[2]), lambda call: call.number == 3
    )
    assert [(record["id"], record["orphaned"]) for record in programs.read()] == [(1, False), (2, True)]
