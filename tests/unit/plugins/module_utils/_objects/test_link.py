# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import link
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, link_types
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._objects.link_kernel import (
    FD,
    Kernel,
    Struct,
    kprobe_multi,
)

# ---- types without text: one call


@pytest.mark.parametrize(
    ("kind", "code", "values", "fields"),
    [
        (link_types.CGROUP, "=QI", (2**40 + 1, 1), {"cgroup_id": 2**40 + 1, "attach_type": 1}),
        (link_types.NETNS, "=II", (4026531840, 36), {"netns_ino": 4026531840, "attach_type": 36}),
        (link_types.XDP, "=I", (0,), {"ifindex": 0}),
        (link_types.STRUCT_OPS, "=I", (5,), {"map_id": 5}),
        (link_types.NETFILTER, "=IIiI", (2, 3, -7, 1), {"pf": 2, "hooknum": 3, "priority": -7, "flags": 1}),
        (link_types.TCX, "=II", (3, 46), {"ifindex": 3, "attach_type": 46}),
        (link_types.NETKIT, "=II", (3, 54), {"ifindex": 3, "attach_type": 54}),
        (link_types.SOCKMAP, "=II", (8, 38), {"map_id": 8, "attach_type": 38}),
    ],
)
def test_plain_types_take_one_call(monkeypatch, kind, code, values, fields):
    kernel = Kernel(monkeypatch, kind, lambda info: info.put(code, 16, *values))
    found = kernel.read()
    assert (found.id, found.type, found.prog_id) == (7, kind, 9)
    assert found.fields == fields
    assert (found.missing, found.error, found.fdinfo) == ({}, None, None)
    assert kernel.calls == 1


def test_unknown_type_has_only_what_all_links_have(monkeypatch):
    kernel = Kernel(monkeypatch, 99, lambda info: info.put("=QQ", 16, 1, 2))
    found = kernel.read()
    assert (found.id, found.type, found.prog_id, found.fields, found.missing) == (7, 99, 9, {}, {})
    assert kernel.calls == 1


def test_longer_struct_of_a_newer_kernel_is_cut(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.XDP, lambda info: info.put("=I", 16, 4))
    kernel.reach = 200
    assert kernel.read().fields == {"ifindex": 4}


def test_error_is_kept_and_not_raised(monkeypatch):
    def refuse(info: Struct) -> None:
        raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.EOPNOTSUPP)

    found = Kernel(monkeypatch, link_types.XDP, refuse).read()
    assert found.error.errno == errno.EOPNOTSUPP
    # It would keep the frames alive, and with them the descriptors that they hold.
    assert found.error.__traceback__ is None
    assert (found.id, found.type, found.prog_id, found.fields, found.missing) == (7, None, None, {}, {})


# ---- iterators


def iterator(name: bytes, *union: tuple[str, int, tuple[int, ...]]):
    def fill(info: Struct) -> None:
        info.text(16, 24, name)
        for code, offset, values in union:
            info.put(code, offset, *values)

    return fill


@pytest.mark.parametrize(
    ("name", "union", "fields"),
    [
        (b"bpf_map", (), {}),
        (b"bpf_map_elem", ("=I", 28, (44,)), {"map_id": 44}),
        (b"bpf_sk_storage_map", ("=I", 28, (45,)), {"map_id": 45}),
        (b"cgroup", ("=QI", 32, (2**33, 2)), {"cgroup_id": 2**33, "order": 2}),
        (b"task", ("=II", 32, (0, 0)), {"tid": 0, "pid": 0}),
        (b"task_file", ("=II", 32, (5, 0)), {"tid": 5, "pid": 0}),
        (b"task_vma", ("=II", 32, (0, 6)), {"tid": 0, "pid": 6}),
    ],
)
def test_iterator_has_the_arm_of_its_target(monkeypatch, name, union, fields):
    found = Kernel(monkeypatch, link_types.ITER, iterator(name, *([union] if union else []))).read()
    assert found.fields == {"target_name": name, **fields}
    assert found.missing == {}


def test_iterator_of_a_kernel_that_ends_before_the_arm(monkeypatch):
    found = Kernel(monkeypatch, link_types.ITER, iterator(b"task"), reach=32).read()
    assert found.fields == {"target_name": b"task"}
    assert found.missing == {"tid": "unsupported", "pid": "unsupported"}


def test_iterator_without_info(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.ITER, reach=32)
    found = kernel.read()
    assert (found.fields, found.missing) == ({}, {"target_name": "unsupported"})
    assert kernel.calls == 1


# ---- perf events


def test_perf_event_without_info(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.PERF_EVENT, reach=48)
    found = kernel.read()
    assert (found.fields, found.missing) == ({}, {"perf_type": "unsupported"})
    assert kernel.calls == 1


def test_perf_event_of_a_kind_that_is_newer_than_our_table(monkeypatch):
    found = Kernel(monkeypatch, link_types.PERF_EVENT, lambda info: info.put("=IIQQ", 16, 33, 0, 1, 2)).read()
    assert (found.fields, found.missing) == ({"perf_type": 33}, {})


def perf(kind: int, *union: tuple[str, int, tuple[int, ...]], name: bytes | None = b"name"):
    def fill(info: Struct) -> None:
        info.put("=I", 16, kind)
        if name is not None:
            info.text(24, 32, name)
        for code, offset, values in union:
            info.put(code, offset, *values)

    return fill


@pytest.mark.parametrize(
    ("fill", "fields"),
    [
        (
            perf(link_types.PERF_LINK_URETPROBE, ("=IQQ", 36, (16, 5, 0))),
            {"perf_type": 2, "file_name": b"name", "offset": 16, "cookie": 5, "ref_ctr_offset": 0},
        ),
        (
            perf(link_types.PERF_LINK_KPROBE, ("=IQQQ", 36, (4, 2**63 + 8, 0, 0))),
            {"perf_type": 3, "func_name": b"name", "offset": 4, "addr": 2**63 + 8, "missed": 0, "cookie": 0},
        ),
        (
            perf(link_types.PERF_LINK_TRACEPOINT, ("=Q", 40, (0,))),
            {"perf_type": 5, "tp_name": b"name", "cookie": 0},
        ),
        (
            perf(link_types.PERF_LINK_EVENT, ("=QI", 24, (3, 1)), ("=Q", 40, (0,)), name=None),
            {"perf_type": 6, "config": 3, "event_type": 1, "cookie": 0},
        ),
    ],
)
def test_perf_event_kinds(monkeypatch, fill, fields):
    found = Kernel(monkeypatch, link_types.PERF_EVENT, fill).read()
    assert (found.fields, found.missing) == (fields, {})


def test_perf_event_of_the_first_kernel_with_info(monkeypatch):
    # 6.6: 48 bytes; no cookies, no missed.
    kprobe = perf(link_types.PERF_LINK_KPROBE, ("=IQ", 36, (4, 2**63)))
    found = Kernel(monkeypatch, link_types.PERF_EVENT, kprobe, reach=48).read()
    assert found.fields == {"perf_type": 3, "func_name": b"name", "offset": 4, "addr": 2**63}
    assert found.missing == {"missed": "unsupported", "cookie": "unsupported"}


def test_kinds_of_perf_events_are_learned_apart(monkeypatch):
    kernel, reader = Kernel(monkeypatch, link_types.PERF_EVENT), link.Reader()
    kernel.fill = perf(link_types.PERF_LINK_TRACEPOINT)
    assert kernel.read(reader).missing == {"cookie": "unsupported"}
    kernel.fill = perf(link_types.PERF_LINK_EVENT, ("=QI", 24, (3, 1)), ("=Q", 40, (0,)), name=None)
    for calls in (4, 5):
        assert (kernel.read(reader).missing, kernel.calls) == ({}, calls)


# ---- multi


def test_kprobe_multi(monkeypatch):
    kernel = Kernel(monkeypatch, link_types.KPROBE_MULTI, kprobe_multi([2**63, 2**63 + 16], [0, 9], 0))
    found = kernel.read()
    assert found.fields == {"count": 2, "flags": 1, "missed": 0, "addrs": [2**63, 2**63 + 16], "cookies": [0, 9]}
    assert (found.missing, kernel.calls) == ({}, 2)


@pytest.mark.parametrize("reach", [40, 48, 64])
def test_kprobe_multi_without_cookies(monkeypatch, reach):
    found = Kernel(monkeypatch, link_types.KPROBE_MULTI, kprobe_multi([2**63], None, None), reach).read()
    assert found.fields == {"count": 1, "flags": 1, "addrs": [2**63]}
    assert found.missing == {"missed": "unsupported", "cookies": "unsupported"}


@pytest.mark.parametrize("kind", [link_types.KPROBE_MULTI, link_types.UPROBE_MULTI, link_types.TRACING_MULTI])
def test_multi_without_info(monkeypatch, kind):
    kernel = Kernel(monkeypatch, kind)
    found = kernel.read()
    assert found.fields == {}
    assert {"count", "cookies"} <= set(found.missing)
    assert set(found.missing.values()) == {"unsupported"}
    assert "path_size" not in found.missing
    assert kernel.calls == 1


def uprobe_multi(path: bytes, offsets: list[int], tells: bool = True):
    def fill(info: Struct) -> None:
        room = info.get("I", 52)
        info.put("=III", 52, len(offsets), 1, 77)
        info.text(16, 48, path, tells, short=errno.ENAMETOOLONG)
        info.array(24, room, offsets)
        info.array(32, room, [0] * len(offsets))
        info.array(40, room, [offset + 1 for offset in offsets])

    return fill


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("path", [b"/bin/x", b"/" + b"y" * 5000])
def test_uprobe_multi(monkeypatch, path, tells):
    found = Kernel(monkeypatch, link_types.UPROBE_MULTI, uprobe_multi(path, [64, 128], tells)).read()
    assert found.fields == {
        "path": path,
        "count": 2,
        "flags": 1,
        "pid": 77,
        "offsets": [64, 128],
        "ref_ctr_offsets": [0, 0],
        "cookies": [65, 129],
    }
    assert found.missing == {}


def test_tracing_multi(monkeypatch):
    def fill(info: Struct) -> None:
        room = info.get("I", 20)
        info.put("=III", 16, 59, 3, 1)
        info.array(32, room, [5, 6, 7], "I")
        info.array(40, room, [2**63, 2**63 + 1, 2**63 + 2])
        info.array(48, room, [0, 0, 1])

    found = Kernel(monkeypatch, link_types.TRACING_MULTI, fill).read()
    assert found.fields == {
        "attach_type": 59,
        "count": 3,
        "btf_obj_id": 1,
        "ids": [5, 6, 7],
        "addrs": [2**63, 2**63 + 1, 2**63 + 2],
        "cookies": [0, 0, 1],
    }


# ---- fdinfo, scan


def test_fdinfo(monkeypatch):
    reader = link.Reader(fdinfo=True)
    with open(os.devnull) as file:
        monkeypatch.setattr(syscall, "bpf", lambda cmd, attr, size: 0)
        found = reader.read(7, file.fileno())
        assert found.fdinfo.startswith(b"pos:\t0\n")
    gone = reader.read(7, 2**20)
    assert gone.fdinfo is None
    assert gone.fdinfo_error.errno == errno.ENOENT


def test_scan_skips_what_vanishes(monkeypatch):
    kernel = Kernel(monkeypatch, 99)
    alive = {3: os.open(os.devnull, os.O_RDONLY), 9: os.open(os.devnull, os.O_RDONLY)}

    def bpf(cmd: int, attr, size: int) -> int:
        number = struct.unpack_from("=I", attr)[0]
        if cmd == commands.BPF_LINK_GET_NEXT_ID:
            following = [one for one in (3, 5, 9) if one > number]
            if not following:
                raise kernel_error("BPF_LINK_GET_NEXT_ID", errno.ENOENT)
            struct.pack_into("=I", attr, 4, following[0])
            return 0
        if cmd == commands.BPF_LINK_GET_FD_BY_ID:
            if number == 5:
                raise kernel_error("BPF_LINK_GET_FD_BY_ID", errno.ENOENT)
            return alive[number]
        struct.pack_into("=I", attr, 0, FD)
        return kernel.bpf(cmd, attr, size)

    kernel.fill = lambda info: info.put("=I", 4, 3 if kernel.calls == 1 else 9)
    monkeypatch.setattr(syscall, "bpf", bpf)
    assert [found.id for found in link.scan()] == [3, 9]
    for fd in alive.values():
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)


def test_scan_raises_where_the_walk_is_refused(monkeypatch):
    def bpf(cmd: int, attr, size: int) -> int:
        raise kernel_error("BPF_LINK_GET_NEXT_ID", errno.EPERM)

    monkeypatch.setattr(syscall, "bpf", bpf)
    with pytest.raises(KernelError, match="EPERM"):
        list(link.scan())
