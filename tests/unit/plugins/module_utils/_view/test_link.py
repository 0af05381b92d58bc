# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.link import Link
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import link_types, prog_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import link as view

KERNEL = 0xFFFFFFFF81000000


def made(kind: int, fields: dict | None = None, missing: dict | None = None, prog_id: int = 9) -> Link:
    found = Link(7)
    found.type, found.prog_id = kind, prog_id
    found.fields, found.missing = fields or {}, missing or {}
    return found


def told(found: Link, *context) -> dict:
    """Return the keys of a record that are not null, beside those every link has."""
    record = view.View(*context).record(found)
    assert set(record) - {"unavailable"} == set(view.KEYS)
    assert (record["id"], record["prog_id"]) == (7, found.prog_id)
    return {key: value for key, value in record.items() if value is not None and key not in ("id", "prog_id", "type")}


@pytest.mark.parametrize(
    ("kind", "fields", "keys"),
    [
        (link_types.RAW_TRACEPOINT, {"tp_name": b"x\xff", "cookie": 0}, {"tp_name": "x\\xff", "cookie": 0}),
        (link_types.CGROUP, {"cgroup_id": 0, "attach_type": 1}, {"cgroup_id": 0, "attach_type": "cgroup_inet_egress"}),
        (link_types.CGROUP, {"cgroup_id": 4, "attach_type": 999}, {"cgroup_id": 4, "attach_type": "999"}),
        (link_types.NETNS, {"netns_ino": 5, "attach_type": 36}, {"netns_ino": 5, "attach_type": "sk_lookup"}),
        (link_types.STRUCT_OPS, {"map_id": 5}, {"map_id": 5}),
        (
            link_types.NETFILTER,
            {"pf": 2, "hooknum": 0, "priority": -7, "flags": 0},
            {"pf": 2, "hook": 0, "prio": -7, "flags": 0},
        ),
        (link_types.SOCKMAP, {"map_id": 8, "attach_type": 38}, {"map_id": 8, "attach_type": "sk_skb_verdict"}),
        (link_types.ITER, {"target_name": b"bpf_map"}, {"target_name": "bpf_map"}),
        (link_types.ITER, {"target_name": b"task", "tid": 0, "pid": 0}, {"target_name": "task"}),
        (link_types.ITER, {"target_name": b"task", "tid": 4, "pid": 0}, {"target_name": "task", "tid": 4}),
        (
            link_types.ITER,
            {"target_name": b"cgroup", "cgroup_id": 1, "order": 2},
            {"target_name": "cgroup", "cgroup_id": 1, "order": "descendants_pre"},
        ),
        (
            link_types.ITER,
            {"target_name": b"cgroup", "cgroup_id": 1, "order": 77},
            {"target_name": "cgroup", "cgroup_id": 1, "order": "77"},
        ),
        (99, {}, {}),
    ],
)
def test_plain_types(kind, fields, keys):
    assert told(made(kind, fields)) == keys


def test_type_is_a_string_even_when_it_is_unknown():
    assert view.View().record(made(link_types.XDP, {"ifindex": 0}))["type"] == "xdp"
    assert view.View().record(made(99))["type"] == "99"


def test_what_the_kernel_did_not_tell_has_a_reason():
    found = made(link_types.RAW_TRACEPOINT, {"tp_name": b"x"}, {"cookie": "unsupported"})
    assert told(found) == {"tp_name": "x", "unavailable": {"cookie": "unsupported"}}


def test_a_link_that_cannot_be_read_has_a_reason_for_every_key():
    found = Link(7)
    found.error = kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.EOPNOTSUPP)
    record = view.View().record(found)
    assert record["id"] == 7
    assert set(record["unavailable"]) == set(view.KEYS) - {"id"}
    assert len(set(record["unavailable"].values())) == 1
    assert all(record[key] is None for key in record["unavailable"])


# ---- what the caller has to know


TRACING = {"attach_type": 24, "target_obj_id": 1, "target_btf_id": 2, "cookie": 0}


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ({9: prog_types.LSM}, {"prog_type": "lsm"}),
        ({9: 77}, {"prog_type": "77"}),
        ({8: prog_types.LSM}, {"unavailable": {"prog_type": "vanished"}}),
        (None, {"unavailable": {"prog_type": "program not read"}}),
    ],
)
def test_prog_type_is_that_of_the_program(types, expected):
    assert told(made(link_types.TRACING, TRACING), types) == {**TRACING, "attach_type": "trace_fentry", **expected}


@pytest.mark.parametrize("kind", [link_types.XDP, link_types.TCX, link_types.NETKIT])
@pytest.mark.parametrize(
    ("ifindex", "devnames", "expected"),
    [
        (0, {7: "eth0"}, {"devname": "(detached)"}),
        (2, {7: "eth0"}, {"devname": "eth0"}),
        (2, {2: "eth0"}, {"unavailable": {"devname": "network namespace not reachable"}}),
        (2, None, {"unavailable": {"devname": "not resolved"}}),
    ],
)
def test_devname_is_the_one_shown_to_carry_the_link(kind, ifindex, devnames, expected):
    assert told(made(kind, {"ifindex": ifindex}), None, None, devnames) == {"ifindex": ifindex, **expected}


# ---- perf events


def test_perf_event_without_info():
    found = made(link_types.PERF_EVENT, {}, {"perf_type": "unsupported"})
    assert told(found) == {"unavailable": {"perf_type": "unsupported", "cookie": "unsupported"}}


def test_perf_event_of_an_unknown_kind():
    assert told(made(link_types.PERF_EVENT, {"perf_type": 33})) == {"perf_type": "33"}


@pytest.mark.parametrize(("number", "name", "retprobe"), [(1, "uprobe", False), (2, "uretprobe", True)])
def test_uprobe(number, name, retprobe):
    fields = {"perf_type": number, "file_name": b"/x", "offset": 4, "cookie": 5, "ref_ctr_offset": 0}
    assert told(made(link_types.PERF_EVENT, fields)) == {
        "perf_type": name,
        "retprobe": retprobe,
        "file": "/x",
        "offset": 4,
        "cookie": 5,
        "ref_ctr_offset": 0,
    }


def kprobe(name: bytes, address: int, number: int = 3) -> Link:
    fields = {"perf_type": number, "func_name": name, "offset": 0, "addr": address, "missed": 1, "cookie": 0}
    return made(link_types.PERF_EVENT, fields)


@pytest.mark.parametrize(("number", "name", "retprobe"), [(3, "kprobe", False), (4, "kretprobe", True)])
def test_kprobe_by_name(number, name, retprobe):
    found = kprobe(b"vfs_read", KERNEL, number)
    assert view.addresses([found]) == set()
    assert told(found) == {
        "perf_type": name,
        "retprobe": retprobe,
        "func": "vfs_read",
        "offset": 0,
        "addr": KERNEL,
        "missed": 1,
        "cookie": 0,
    }


@pytest.mark.parametrize(
    ("symbols", "func", "why"),
    [
        ({KERNEL: ("vfs_read", None)}, "vfs_read", None),
        ({KERNEL - 4: ("vfs_write", None)}, None, "no symbol"),
        (None, None, "symbols not read"),
    ],
)
def test_kprobe_by_address_gets_the_symbol_there(symbols, func, why):
    found = kprobe(b"", KERNEL)
    assert view.addresses([found]) == {KERNEL}
    record = view.View(None, symbols).record(found)
    assert record["func"] == func
    assert record.get("unavailable", {}).get("func") == why


def test_kprobe_with_hidden_address():
    record = view.View().record(kprobe(b"vfs_read", 0))
    assert (record["addr"], record["func"]) == (None, "vfs_read")
    assert record["unavailable"] == {"addr": view.HIDDEN}
    assert view.View().record(kprobe(b"", 0))["unavailable"] == {"addr": view.HIDDEN, "func": view.HIDDEN}


def test_tracepoint_of_perf_is_a_key_of_its_own():
    found = made(link_types.PERF_EVENT, {"perf_type": 5, "tp_name": b"sched_switch", "cookie": 0})
    assert told(found) == {"perf_type": "tracepoint", "tracepoint": "sched_switch", "cookie": 0}
    found = made(link_types.PERF_EVENT, {"perf_type": 5, "cookie": 0}, {"tp_name": "ENOSPC"})
    assert told(found) == {"perf_type": "tracepoint", "cookie": 0, "unavailable": {"tracepoint": "ENOSPC"}}


@pytest.mark.parametrize(
    ("kind", "config", "names"),
    [
        (0, 1, ("hardware", "instructions")),
        (0, 99, ("hardware", 99)),
        (1, 11, ("software", "cgroup-switches")),
        (2, 315, ("tracepoint", 315)),
        (3, 0x10003, ("hw-cache", "dTLB-load-misses")),
        (3, 0x70809, ("hw-cache", "9-8-7")),
        (4, 2**63, ("raw", 2**63)),
        (14, 3, ("14", 3)),
    ],
)
def test_perf_event_names(kind, config, names):
    found = made(link_types.PERF_EVENT, {"perf_type": 6, "config": config, "event_type": kind, "cookie": 0})
    assert told(found) == {"perf_type": "event", "event_type": names[0], "event_config": names[1], "cookie": 0}


# ---- multi


def kprobe_multi(addrs: list[int], **missing: str) -> Link:
    fields = {"count": len(addrs), "flags": 1, "missed": 0, "addrs": addrs, "cookies": list(range(len(addrs)))}
    return made(link_types.KPROBE_MULTI, {k: v for k, v in fields.items() if k not in missing}, missing)


def test_kprobe_multi_is_sorted_and_named():
    found = kprobe_multi([KERNEL + 100, KERNEL + 20, KERNEL])
    symbols = {KERNEL + 100: ("c", "mod"), KERNEL + 16: ("b", None), KERNEL: ("a", None)}
    assert set(symbols) <= view.addresses([found])
    assert told(found, None, symbols) == {
        "retprobe": True,
        "flags": 1,
        "func_cnt": 3,
        "missed": 0,
        "funcs": [
            {"addr": KERNEL, "func": "a", "module": None, "cookie": 2},
            {"addr": KERNEL + 20, "func": "b", "module": None, "cookie": 1},
            {"addr": KERNEL + 100, "func": "c", "module": "mod", "cookie": 0},
        ],
    }


def test_kprobe_multi_without_symbol_keeps_the_function():
    record = view.View(None, {KERNEL: ("a", None)}).record(kprobe_multi([KERNEL, KERNEL + 12]))
    assert [item["func"] for item in record["funcs"]] == ["a", None]
    assert record["unavailable"] == {"funcs.func": "no symbol"}


def test_kprobe_multi_with_hidden_addresses():
    found = kprobe_multi([0, 0])
    assert view.addresses([found]) == set()
    record = view.View(None, {}).record(found)
    assert record["funcs"] == [{"addr": None, "func": None, "module": None, "cookie": number} for number in (0, 1)]
    assert record["unavailable"] == {"funcs.addr": view.HIDDEN, "funcs.func": view.HIDDEN}


def test_kprobe_multi_without_cookies():
    found = kprobe_multi([KERNEL], cookies="unsupported", missed="unsupported")
    record = view.View(None, {KERNEL: ("a", None)}).record(found)
    assert record["funcs"] == [{"addr": KERNEL, "func": "a", "module": None, "cookie": None}]
    assert record["unavailable"] == {"missed": "unsupported", "funcs.cookie": "unsupported"}


def test_multi_without_info():
    missing = dict.fromkeys(("count", "flags", "missed", "addrs", "cookies"), "unsupported")
    keys = ("func_cnt", "flags", "missed", "retprobe", "funcs")
    assert told(made(link_types.KPROBE_MULTI, {}, missing)) == {"unavailable": dict.fromkeys(keys, "unsupported")}


def test_multi_whose_second_call_failed():
    found = made(link_types.KPROBE_MULTI, {"count": 1, "flags": 0}, {"addrs": "EFAULT", "cookies": "EFAULT"})
    assert told(found) == {"func_cnt": 1, "flags": 0, "retprobe": False, "unavailable": {"funcs": "EFAULT"}}


def test_uprobe_multi_keeps_the_order_of_the_kernel():
    fields = {
        "path": b"/bin/x",
        "count": 2,
        "flags": 0,
        "pid": 0,
        "offsets": [9, 3],
        "ref_ctr_offsets": [0, 1],
        "cookies": [5, 6],
    }
    assert told(made(link_types.UPROBE_MULTI, fields)) == {
        "path": "/bin/x",
        "func_cnt": 2,
        "flags": 0,
        "retprobe": False,
        "pid": 0,
        "funcs": [
            {"offset": 9, "ref_ctr_offset": 0, "cookie": 5},
            {"offset": 3, "ref_ctr_offset": 1, "cookie": 6},
        ],
    }


def test_tracing_multi():
    fields = {"attach_type": 59, "count": 1, "btf_obj_id": 1, "ids": [5], "addrs": [KERNEL], "cookies": [0]}
    assert told(made(link_types.TRACING_MULTI, fields), None, {KERNEL: ("a", None)}) == {
        "attach_type": "trace_fentry_multi",
        "func_cnt": 1,
        "target_obj_id": 1,
        "funcs": [{"btf_id": 5, "addr": KERNEL, "func": "a", "module": None, "cookie": 0}],
    }
