# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import socket
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import device
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.link import Link
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, link_types

TCX_INGRESS = 46


PROGRAM = 30


def link(number, kind, **fields):
    made = Link(number)
    made.type = kind
    made.prog_id = PROGRAM
    made.fields = fields
    return made


def attribute(kind, content):
    return struct.pack("=HH", 4 + len(content), kind) + content.ljust(-(-len(content) // 4) * 4, b"\0")


class Netlink:
    """What RTM_GETLINK answers: ``devices`` maps an index to the attributes of the XDP programs there."""

    def __init__(self):
        self.devices = {}
        self.refusal = None

    def socket(self, family, kind):
        if self.refusal:
            raise OSError(self.refusal, "refused")
        assert (family, kind) == (socket.AF_NETLINK, socket.SOCK_RAW)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.request = None

    def send(self, request):
        self.request = struct.unpack("=IHHII Bx H i II", request)

    def recv(self, size):
        length, kind, flags, _sequence, _port, family, _type, index, _flags, _change = self.request
        assert (length, kind, flags, family) == (32, 18, 1, 0)
        if index not in self.devices:
            error = struct.pack("=IHHIIi", 36, 2, 0, 0, 0, -errno.ENODEV)
            return error + struct.pack("=IHHII", *self.request[:5])
        # an MTU that looks like the id of a program, and a name whose length is no multiple of four
        answer = attribute(3, b"eth0\0") + attribute(4, struct.pack("=I", PROGRAM + 1))
        answer += attribute(43, self.devices[index]) + attribute(5, struct.pack("=I", PROGRAM + 2))
        assert size > 4096
        return struct.pack("=IHHIIBxHiII", 32 + len(answer), 16, 0, 0, 0, 0, 1, index, 0, 0) + answer


def attached(mode, *programs):
    """Return IFLA_XDP: the ids by their attributes, then the mode."""
    found = b"".join(attribute(kind, struct.pack("=I", number)) for kind, number in programs)
    return found + attribute(2, bytes([mode]))


@pytest.fixture(autouse=True)
def netlink(monkeypatch):
    made = Netlink()
    made.devices = {1: attached(2, (6, PROGRAM), (4, PROGRAM)), 2: attached(2, (6, PROGRAM), (4, PROGRAM))}
    monkeypatch.setattr(socket, "socket", made.socket)
    return made


@pytest.fixture(autouse=True)
def names(monkeypatch):
    known = {1: "lo", 2: "eth0"}

    def if_indextoname(index):
        if index not in known:
            raise OSError(errno.ENXIO, "no such device")
        return known[index]

    monkeypatch.setattr(socket, "if_indextoname", if_indextoname)
    return known


def test_a_hook_that_lists_the_link_proves_the_device(kernel):
    on_eth0, elsewhere = kernel.add_link(5), kernel.add_link(6)
    kernel.hooks[2, TCX_INGRESS] = [kernel.add_link(4), on_eth0]
    links = [
        link(on_eth0.id, link_types.TCX, ifindex=2, attach_type=TCX_INGRESS),
        link(elsewhere.id, link_types.TCX, ifindex=2, attach_type=TCX_INGRESS),
        link(7, link_types.NETKIT, ifindex=9, attach_type=54),
    ]
    assert device.device_names(links) == {5: "eth0"}
    assert kernel.count(commands.BPF_PROG_QUERY) == 3


@pytest.mark.parametrize("number", [errno.EPERM, errno.EINVAL, errno.ENODEV, errno.ENOENT, errno.ENOSPC, 524])
def test_a_refused_query_leaves_the_device_unknown(kernel, number):
    kernel.hooks[2, TCX_INGRESS] = [kernel.add_link(5)]
    kernel.fault(commands.BPF_PROG_QUERY, number)
    assert device.device_names([link(5, link_types.TCX, ifindex=2, attach_type=TCX_INGRESS)]) == {}


def test_a_full_hook_is_read_whole(kernel):
    kernel.hooks[2, TCX_INGRESS] = [kernel.add_link() for _turn in range(64)]
    assert device.device_names([link(64, link_types.TCX, ifindex=2, attach_type=TCX_INGRESS)]) == {64: "eth0"}


def test_links_without_a_device_cost_no_call(kernel, proc):
    links = [link(1, link_types.XDP, ifindex=0), link(2, link_types.TRACING, attach_type=24), link(3, 99)]
    assert device.device_names(links) == {}
    assert kernel.calls == []


def test_a_device_that_went_away_meanwhile_has_no_name(kernel, proc, netlink):
    netlink.devices[77] = netlink.devices[1]
    proc.write("/proc/self/mountinfo", b"")
    links = [link(1, link_types.XDP, ifindex=77), link(2, link_types.XDP, ifindex=1)]
    make_own_namespace(proc)
    assert device.device_names(links) == {2: "lo"}


def make_own_namespace(proc, net="net:[1]"):
    os.makedirs(proc.root + "/proc/self/ns", exist_ok=True)
    os.symlink(net, proc.root + "/proc/self/ns/net")


def test_xdp_needs_a_host_with_one_namespace(proc):
    proc.write("/proc/self/mountinfo", b"22 1 0:4 / /proc rw - proc proc rw\n")
    make_own_namespace(proc)
    proc.add_process(1)
    proc.add_process(2)
    assert device.is_only_namespace()
    assert device.device_names([link(9, link_types.XDP, ifindex=2)]) == {9: "eth0"}
    proc.add_process(3, net="net:[2]")
    assert not device.is_only_namespace()
    assert device.device_names([link(9, link_types.XDP, ifindex=2)]) == {}


@pytest.mark.parametrize(
    ("xdp", "known"),
    [
        (attached(1, (5, PROGRAM), (4, PROGRAM)), True),
        # in several modes at once there is no one id
        (attached(4, (6, PROGRAM + 1), (7, PROGRAM)), True),
        # before Linux 4.19 there is no other
        (attached(2, (4, PROGRAM)), True),
        (attached(2, (6, PROGRAM + 1), (4, PROGRAM + 1)), False),
        (attached(0), False),
        (b"", False),
    ],
)
def test_xdp_needs_a_device_of_ours_with_its_program(monkeypatch, netlink, xdp, known):
    """A namespace that only a descriptor or a thread keeps is seen nowhere."""
    monkeypatch.setattr(device, "is_only_namespace", lambda: True)
    netlink.devices[2] = xdp
    assert device.device_names([link(9, link_types.XDP, ifindex=2)]) == ({9: "eth0"} if known else {})
    # the MTU and what else has a number
    for number in (PROGRAM + 1, PROGRAM + 2):
        one = link(9, link_types.XDP, ifindex=1)
        one.prog_id = number
        assert device.device_names([one]) == {}


@pytest.mark.parametrize("refusal", [errno.EAFNOSUPPORT, errno.EPERM])
def test_who_has_no_netlink_cannot_claim_it(monkeypatch, netlink, refusal):
    monkeypatch.setattr(device, "is_only_namespace", lambda: True)
    netlink.refusal = refusal
    assert device.device_names([link(9, link_types.XDP, ifindex=2)]) == {}


def test_a_device_that_is_not_ours(monkeypatch):
    monkeypatch.setattr(device, "is_only_namespace", lambda: True)
    assert device.device_names([link(9, link_types.XDP, ifindex=77)]) == {}


def test_the_host_is_looked_at_once_for_all_links(proc, monkeypatch):
    asked = []

    def is_only_namespace():
        asked.append(1)
        return False

    monkeypatch.setattr(device, "is_only_namespace", is_only_namespace)
    device.device_names([link(number, link_types.XDP, ifindex=1) for number in range(5)])
    assert len(asked) == 1


def test_a_namespace_that_a_mount_keeps_counts_as_well(proc):
    mount = b"200 1 0:4 net:[4026532281] /run/netns/blue rw shared:9 - nsfs nsfs rw\n"
    proc.write("/proc/self/mountinfo", mount)
    make_own_namespace(proc)
    proc.add_process(1)
    assert not device.is_only_namespace()
    others = mount.replace(b"net:", b"mnt:") + mount.replace(b"nsfs nsfs", b"tmpfs nsfs") + b"\n- nsfs \n"
    proc.write("/proc/self/mountinfo", others)
    assert device.is_only_namespace()


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
def test_a_process_that_ends_meanwhile_proves_nothing(proc, number):
    proc.write("/proc/self/mountinfo", b"")
    make_own_namespace(proc)
    proc.add_process(1, net="net:[2]")
    proc.errors["/proc/1/ns/net"] = number
    assert device.is_only_namespace()


@pytest.mark.parametrize("path", ["/proc/1/ns/net", "/proc/self/ns/net", "/proc", "/proc/self/mountinfo"])
def test_who_may_not_look_cannot_claim_it(proc, path):
    proc.write("/proc/self/mountinfo", b"")
    make_own_namespace(proc)
    proc.add_process(1)
    assert device.is_only_namespace()
    proc.errors[path] = errno.EACCES
    assert not device.is_only_namespace()
