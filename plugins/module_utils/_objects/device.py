# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os
import socket
import struct

from .._kernel import errors, procfs, syscall
from .._uapi import commands, link_types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .link import Link

_QUERY = struct.Struct("=IIIIQIIQQQQ")
_MANY = 64
# nlmsghdr and ifinfomsg, and what they ask for
_LINK = struct.Struct("=IHHIIBxHiII")
_GET_LINK, _REQUEST = 18, 1
_ATTRIBUTE = struct.Struct("=HH")
_XDP = 43
# IFLA_XDP_PROG_ID, and those of each mode
_PROGRAMS = (4, 5, 6, 7)
# The types whose hook tells the ids of its links (since 6.6 and 6.7); XDP's does not.
_QUERIED = (link_types.TCX, link_types.NETKIT)


def device_names(links: Iterable[Link]) -> dict[int, str]:
    """Return link id -> name of the network device, for the links whose device can be told for sure.

    A link names its device by an index and keeps silent about the network namespace it counts in. The index is ours
    where the hook there lists this very link. Of XDP it is where the whole host has but one network namespace that is
    seen, and our device has that program: what only a descriptor or a thread keeps is not seen.
    """
    alone: bool | None = None
    names = {}
    for link in links:
        index = link.fields.get("ifindex")
        if not index:
            continue
        if link.type in _QUERIED:
            ours = _is_listed(link, index)
        elif _carries(index, link.prog_id or 0):
            ours = alone = is_only_namespace() if alone is None else alone
        else:
            ours = False
        if ours:
            try:
                names[link.id] = socket.if_indextoname(index)
            except OSError:
                continue  # gone meanwhile
    return names


def is_only_namespace() -> bool:
    """Return whether all processes share one network namespace and no other is kept by a mount that we see."""
    try:
        ours = os.readlink("/proc/self/ns/net")
        for name in procfs.listdir("/proc"):
            if name.isdigit() and _namespace_of(name) not in (ours, ""):
                return False
        return not any(_is_namespace(line) for line in procfs.read("/proc/self/mountinfo").split(b"\n"))
    except OSError:
        return False


def _is_namespace(mount: bytes) -> bool:
    """Return whether a line of mountinfo is a network namespace kept by a bind mount, as ``ip netns`` makes them."""
    fields, _separator, source = mount.partition(b" - ")
    return source.startswith(b"nsfs ") and b" net:[" in fields


def _namespace_of(pid: str) -> str:
    try:
        return os.readlink("/proc/" + pid + "/ns/net")
    except FileNotFoundError:
        return ""  # a process that ended
    except ProcessLookupError:
        return ""


def _is_listed(link: Link, index: int) -> bool:
    """Return whether the hook on our device of that index has this link; any refusal means that it is not ours."""
    ids = syscall.new_buffer(4 * _MANY)
    programs = syscall.new_buffer(4 * _MANY)
    attr = syscall.new_buffer()
    attach_type = link.fields.get("attach_type", 0)
    _QUERY.pack_into(
        attr, 0, index, attach_type, 0, 0, syscall.address(programs), _MANY, 0, 0, syscall.address(ids), 0, 0
    )
    try:
        syscall.bpf(commands.BPF_PROG_QUERY, attr, _QUERY.size)
    except errors.KernelError:
        return False
    return link.id in struct.unpack_from(f"={_MANY}I", ids)


def _carries(index: int, program: int) -> bool:
    """Return whether our device of that index has an XDP program; any refusal means that it has not."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as netlink:
            netlink.send(_LINK.pack(_LINK.size, _GET_LINK, _REQUEST, 0, 0, 0, 0, index, 0, 0))
            answer = netlink.recv(1 << 16)
    except OSError:
        return False
    told = _attributes(_attributes(answer[_LINK.size :]).get(_XDP, b""))
    return struct.pack("=I", program) in [told.get(kind) for kind in _PROGRAMS]


def _attributes(raw: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + _ATTRIBUTE.size <= len(raw):
        size, kind = _ATTRIBUTE.unpack_from(raw, at)
        found[kind] = raw[at + _ATTRIBUTE.size : at + size]
        at += max(size + 3 & ~3, _ATTRIBUTE.size)
    return found
