# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import link_records, links
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, link_types

FENTRY = 24


@pytest.fixture(autouse=True)
def one_namespace(monkeypatch):
    monkeypatch.setattr(link_records.device, "device_names", lambda found: {one.id: "eth0" for one in found})


def tracing(kernel, number=0, prog_id=0):
    fields = {"attach_type": FENTRY, "target_obj_id": 1, "target_btf_id": 9, "cookie": 0}
    return kernel.add_link(number, link_types.TRACING, prog_id, **fields)


def test_all_links_in_the_order_of_their_ids(kernel):
    kernel.add_link(7, link_types.XDP, 3, ifindex=2)
    kernel.add_link(4, link_types.CGROUP, 3, cgroup_id=99, attach_type=0)
    cgroup, xdp = links.read()
    assert (cgroup["id"], cgroup["type"], cgroup["cgroup_id"]) == (4, "cgroup", 99)
    assert (xdp["id"], xdp["ifindex"], xdp["devname"]) == (7, 2, "eth0")


def test_a_kernel_that_cannot_list_links(make_kernel):
    make_kernel("5.4")
    with pytest.raises(KernelError) as caught:
        links.read()
    assert (caught.value.call, caught.value.name) == ("BPF_LINK_GET_NEXT_ID", "EINVAL")


def test_tracing_links_tell_the_type_of_their_program(kernel):
    tracing(kernel, 4, kernel.add_program(30, type=26).id)
    (record,) = links.read()
    assert (record["prog_type"], record["attach_type"]) == ("tracing", "trace_fentry")


def test_only_programs_of_tracing_links_are_looked_at(kernel):
    kernel.add_program(30)
    kernel.add_link(4, link_types.XDP, 30, ifindex=2)
    links.read()
    assert kernel.count(commands.BPF_PROG_GET_FD_BY_ID) == 0


def test_links_of_one_program_look_once(kernel):
    kernel.add_program(30, type=26)
    for _turn in range(3):
        tracing(kernel, prog_id=30)
    assert [record["prog_type"] for record in links.read()] == ["tracing"] * 3
    assert kernel.count(commands.BPF_PROG_GET_FD_BY_ID) == 1


def test_a_program_that_vanished(kernel):
    tracing(kernel, 4, 30)
    (record,) = links.read()
    assert record["prog_id"] == 30
    assert record["unavailable"] == {"prog_type": "vanished"}


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.ENODEV])
def test_a_link_is_read_though_its_program_is_refused(bpffs, kernel, number):
    """Who may open the pin of a link may still not open a program by its id."""
    bpffs.add(b"/bpf/a", tracing(kernel, 4, kernel.add_program(30).id))
    kernel.fault(commands.BPF_PROG_GET_FD_BY_ID, number)
    (record,) = links.read(Selector({"pinned": bpffs.text(b"/bpf/a")}))
    assert record["id"] == 4
    assert record["unavailable"] == {"prog_type": errno.errorcode[number]}


def test_a_program_whose_info_is_refused(kernel):
    kernel.add_program(30).info_errno = errno.ENODEV
    tracing(kernel, 4, 30)
    assert links.read()[0]["unavailable"] == {"prog_type": "ENODEV"}


def test_one_link_by_id_or_pin(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_link(4, link_types.XDP, ifindex=2))
    kernel.add_link(5, link_types.XDP, ifindex=2)
    assert [record["id"] for record in links.read(Selector({"id": 5}))] == [5]
    assert [record["id"] for record in links.read(Selector({"pinned": bpffs.text(b"/bpf/a")}))] == [4]
    assert kernel.count(commands.BPF_LINK_GET_NEXT_ID) == 0


def test_columns(bpffs, proc, kernel):
    bpffs.add(b"/bpf/a", kernel.add_link(4, link_types.XDP, ifindex=2))
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    proc.add_process(7, "agent", {3: ("anon_inode:bpf_link", b"pos:\t0\nlink_id:\t4\n")})
    (record,) = links.read(include=["pinned", "pids"])
    assert (record["pinned"], record["pids"]) == ([bpffs.text(b"/bpf/a")], [{"pid": 7, "comm": "agent"}])
