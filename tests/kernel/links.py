# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a link of every type that the running kernel can make, and gives all of it back.

`MAKERS` maps a name to a context manager that yields a `Made`. What the kernel refuses is its `OSError`. Nothing that
others use is touched: devices live in a network namespace of our own, control groups are new ones, probes sit in a copy
of a binary that nobody runs, and the tracepoint is one that only fires on errors of XDP.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import shutil
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import objects
import pytest
from objects import Map, Program
from vmlinux import FUNC, STRUCT, vmlinux

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.fd import Fd
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import (
    attach_types,
    commands,
    link_types,
    map_flags,
    map_types,
    prog_types,
)

COOKIE = 0x1122334455667788
TRACEPOINT = "xdp_exception"
DEVICE = "fleet0"

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241, "riscv64": 241, "ppc64le": 319, "s390x": 331}
_TYPEDEF = 8


@dataclass
class Made:
    """A link that was made: what its record has to say, and the network namespace in which its ifindex means something.

    ``expected`` has every key whose value is not null, but for id, type and prog_id.
    """

    fd: Fd
    type: int
    program: Fd | None
    expected: dict = field(default_factory=dict)
    netns: Fd | None = None
    devname: str = ""

    @property
    def id(self) -> int:
        return objects.object_id(self.fd)

    @property
    def prog_id(self) -> int:
        return objects.object_id(self.program) if self.program else 0


MAKERS: dict[str, Callable[[], AbstractContextManager[Made]]] = {}


def maker(function: Callable[[], Iterator[Made]]) -> Callable[[], AbstractContextManager[Made]]:
    """Enter a generator that makes one link into `MAKERS` under its name."""
    made = contextlib.contextmanager(function)
    MAKERS[function.__name__] = made
    return made


# ---- places


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def inside(netns: Fd, function: Callable):
    """Return what a function returns inside a network namespace; it runs in a thread, so that no one else moves."""
    outcome: dict = {}

    def run() -> None:
        try:
            _check(_libc.setns(netns.number, _CLONE_NEWNET), "setns")
            outcome["result"] = function()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def new_netns() -> Fd:
    """Return a network namespace that lives as long as its descriptor."""
    outcome: dict = {}

    def run() -> None:
        try:
            _check(_libc.unshare(_CLONE_NEWNET), "unshare")
            outcome["fd"] = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            outcome["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return Fd(outcome["fd"])


def ip(netns: Fd, *words: str) -> None:
    """Run ip(8) in a network namespace; a refusal is an `OSError` with its words."""
    done = inside(
        netns, lambda: subprocess.run(["ip", *words], capture_output=True, text=True, timeout=30, check=False)
    )
    if done.returncode:
        raise OSError(95, f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextlib.contextmanager
def device(kind: str = "veth") -> Iterator[tuple[Fd, int]]:
    """Yield a network namespace of our own with a new device in it, and the device's index."""
    with new_netns() as netns:
        # An index that no other namespace has: a name that is found for it was looked up in the right one.
        ip(netns, "link", "add", DEVICE, "index", "4711", "type", kind)
        yield netns, 4711


@functools.cache
def cgroup_root() -> Path:
    """Return where cgroup2 is mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _source, target, kind = line.split(" ")[:3]
        if kind == "cgroup2":
            return Path(target)
    raise OSError(2, "cgroup2 is not mounted")


@contextlib.contextmanager
def cgroup() -> Iterator[Path]:
    """Make a control group and remove it, unless the test did."""
    path = Path(tempfile.mkdtemp(prefix="fleet_test_", dir=cgroup_root()))
    try:
        yield path
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.rmdir()


@contextlib.contextmanager
def opened(path: Path | str) -> Iterator[Fd]:
    with Fd(os.open(path, os.O_RDONLY | os.O_CLOEXEC)) as fd:
        yield fd


@contextlib.contextmanager
def tracefs() -> Iterator[Path]:
    """Mount a tracefs in a new folder."""
    with tempfile.TemporaryDirectory(prefix="fleet_test_tracefs_") as folder:
        _check(_libc.mount(b"tracefs", folder.encode(), b"tracefs", 0, None), "mount tracefs")
        try:
            yield Path(folder)
        finally:
            _check(_libc.umount(folder.encode()), "umount tracefs")


@contextlib.contextmanager
def binary() -> Iterator[tuple[str, int]]:
    """Yield the path of a copy of a binary that nobody runs, and the offset of its entry in the file."""
    with tempfile.TemporaryDirectory(prefix="fleet_test_binary_") as folder:
        path = shutil.copy(os.path.realpath("/bin/true"), os.path.join(os.path.realpath(folder), "probed"))
        yield path, entry_offset(Path(path).read_bytes())


def entry_offset(image: bytes) -> int:
    """Return where in a 64-bit ELF file the instruction stands with which the program begins."""
    entry, headers = struct.unpack_from("=QQ", image, 24)
    size, count = struct.unpack_from("=HH", image, 54)
    for at in range(headers, headers + size * count, size):
        kind, _flags, offset, start, _physical, length = struct.unpack_from("=IIQQQQ", image, at)
        if kind == 1 and start <= entry < start + length:
            return entry - start + offset
    raise AssertionError("the binary has no segment with its entry")


# ---- the kernel's types


def typedef_id(name: str) -> int:
    """Return the id of a typedef in the kernel's BTF, 0 where there is none."""
    kernel = vmlinux()
    for number, offset in enumerate(kernel._offsets):
        text, info = struct.unpack_from("=II", kernel._blob, offset)
        if number and info >> 24 & 0x1F == _TYPEDEF and kernel._text(text) == name:
            return number
    return 0


def member_offset(number: int, name: str) -> int:
    """Return the offset of a struct's member in bytes."""
    kernel = vmlinux()
    index = kernel.members(number).index(name)
    return struct.unpack_from("=I", kernel._blob, kernel._offsets[number] + 12 + 12 * index + 8)[0] // 8


# ---- calls


def link_create(program: Fd, target: int, attach: int, *fields: tuple, flags: int = 0, keep: tuple = ()) -> Fd:
    """Make a link; ``fields`` are those of the union behind the common ones."""
    size = max([16] + [offset + struct.calcsize("=" + code) for offset, code, _value in fields])
    common = (0, "I", program.number), (4, "I", target), (8, "I", attach), (12, "I", flags)
    return Fd(objects.call(commands.BPF_LINK_CREATE, size, *common, *fields, keep=keep)[0])


def raw_tracepoint_open(program: Fd, name: bytes, cookie: int) -> Fd:
    text = objects.buffer(name + b"\0")
    fields = [(0, "Q", syscall.address(text) if name else 0), (8, "I", program.number)]
    if cookie:
        fields.append((16, "Q", cookie))
    return Fd(objects.call(commands.BPF_RAW_TRACEPOINT_OPEN, 24 if cookie else 12, *fields, keep=(text,))[0])


def perf_event_open(kind: int, config: int, config1: int = 0, config2: int = 0, period: int = 0) -> Fd:
    """Open a perf event of this process that is not enabled."""
    attr = objects.buffer(struct.pack("=IIQQQQQIIQQ", kind, 72, config, period, 0, 0, 1, 0, 0, config1, config2))
    number = _PERF_EVENT_OPEN[os.uname().machine]
    close_on_exec = ctypes.c_ulong(8)
    return Fd(_check(_libc.syscall(number, attr, 0, -1, -1, close_on_exec), "perf_event_open"))


def pmu(name: str) -> int:
    """Return the type of a dynamic PMU; ENOENT where the kernel has none of that name."""
    return int(Path(f"/sys/bus/event_source/devices/{name}/type").read_text())


# ---- tracing


def _tracepoint(program: Program, cookie: int) -> Iterator[Made]:
    with program.load() as loaded, raw_tracepoint_open(loaded, TRACEPOINT.encode(), cookie) as fd:
        yield Made(fd, link_types.RAW_TRACEPOINT, loaded, {"tp_name": TRACEPOINT, "cookie": cookie})


@maker
def raw_tracepoint() -> Iterator[Made]:
    yield from _tracepoint(Program(prog_types.RAW_TRACEPOINT), 0)


@maker
def raw_tracepoint_with_cookie() -> Iterator[Made]:
    yield from _tracepoint(Program(prog_types.RAW_TRACEPOINT), COOKIE)


@maker
def tp_btf() -> Iterator[Made]:
    target = typedef_id("btf_trace_" + TRACEPOINT)
    shape = Program(prog_types.TRACING, attach=attach_types.TRACE_RAW_TP, attach_btf_id=target)
    with shape.load() as program, raw_tracepoint_open(program, b"", 0) as fd:
        yield Made(fd, link_types.RAW_TRACEPOINT, program, {"tp_name": TRACEPOINT, "cookie": 0})


def _trampoline(attach: int, function: str) -> Iterator[Made]:
    target = vmlinux().id(FUNC, function)
    kind = prog_types.LSM if attach == attach_types.LSM_MAC else prog_types.TRACING
    expected = {
        "prog_type": prog_types.NAMES[kind],
        "attach_type": attach_types.NAMES[attach],
        "target_obj_id": 1,  # vmlinux is the first BTF of every boot
        "target_btf_id": target,
        "cookie": COOKIE,
    }
    with (
        Program(kind, attach=attach, attach_btf_id=target).load() as program,
        link_create(program, 0, attach, (16, "I", 0), (24, "Q", COOKIE)) as fd,
    ):
        yield Made(fd, link_types.TRACING, program, expected)


@maker
def fentry() -> Iterator[Made]:
    yield from _trampoline(attach_types.TRACE_FENTRY, "bpf_fentry_test1")


@maker
def fexit() -> Iterator[Made]:
    yield from _trampoline(attach_types.TRACE_FEXIT, "bpf_fentry_test1")


@maker
def fmod_ret() -> Iterator[Made]:
    yield from _trampoline(attach_types.MODIFY_RETURN, "bpf_modify_return_test")


@maker
def lsm() -> Iterator[Made]:
    yield from _trampoline(attach_types.LSM_MAC, "bpf_lsm_task_alloc")


def _xdp_btf() -> bytes:
    """Return the BTF of `int replaced(struct xdp_md *ctx)`: int 1, struct 2, pointer 3, prototype 4, function 5."""
    strings = b"\0int\0xdp_md\0ctx\0replaced\0"
    types = b"".join(
        (
            struct.pack("=IIII", 1, 1 << 24, 4, 1 << 24 | 32),
            struct.pack("=III", 5, 4 << 24, 0),
            struct.pack("=III", 0, 2 << 24, 2),
            struct.pack("=IIIII", 0, 13 << 24 | 1, 1, 12, 3),
            struct.pack("=III", 16, 12 << 24 | 1, 4),
        )
    )
    return struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings


def _load_replaceable(kind: int, btf: Fd, target: Fd | None = None) -> Fd:
    """Load an XDP function that can be replaced, or what replaces the one of ``target``."""
    insns, text = objects.buffer(objects.returns(2)), objects.buffer(b"GPL\0")
    functions = objects.buffer(struct.pack("=II", 0, 5))
    fields = [
        (0, "I", kind),
        (4, "I", 2),
        (8, "Q", syscall.address(insns)),
        (16, "Q", syscall.address(text)),
        (48, "16s", b"fleet_test"),
        (72, "I", btf.number),
        (76, "I", 8),
        (80, "Q", syscall.address(functions)),
        (88, "I", 1),
    ]
    if target is not None:
        fields += [(108, "I", 5), (112, "I", target.number)]
    return Fd(objects.call(commands.BPF_PROG_LOAD, 120, *fields, keep=(insns, text, functions))[0])


@maker
def freplace() -> Iterator[Made]:
    with (
        objects.load_btf(_xdp_btf()) as btf,
        _load_replaceable(prog_types.XDP, btf) as target,
        _load_replaceable(prog_types.EXT, btf, target) as program,
        raw_tracepoint_open(program, b"", 0) as fd,
    ):
        expected = {
            "prog_type": "ext",
            "attach_type": attach_types.NAMES[0],
            "target_obj_id": objects.object_id(target),
            "target_btf_id": 5,
            "cookie": 0,
        }
        yield Made(fd, link_types.TRACING, program, expected)


# ---- iterators


def _iterator(target: str, expected: dict, info: bytes = b"") -> Iterator[Made]:
    function = vmlinux().id(FUNC, "bpf_iter_" + target)
    shape = Program(prog_types.TRACING, attach=attach_types.TRACE_ITER, attach_btf_id=function)
    with shape.load() as program:
        held = objects.buffer(info)
        fields = [(16, "Q", syscall.address(held)), (24, "I", len(info))] if info else []
        with link_create(program, 0, attach_types.TRACE_ITER, *fields, keep=(held,)) as fd:
            yield Made(fd, link_types.ITER, program, {"target_name": target, **expected})


@maker
def iter_bpf_map() -> Iterator[Made]:
    yield from _iterator("bpf_map", {})


@maker
def iter_map_elem() -> Iterator[Made]:
    with Map(map_types.ARRAY).create() as fd:
        info = struct.pack("=IIII", fd.number, 0, 0, 0)
        yield from _iterator("bpf_map_elem", {"map_id": objects.object_id(fd)}, info)


@maker
def iter_sk_storage_map() -> Iterator[Made]:
    with Map(map_types.SK_STORAGE, entries=0, flags=map_flags.F_NO_PREALLOC, btf=(1, 1)).create() as fd:
        info = struct.pack("=IIII", fd.number, 0, 0, 0)
        yield from _iterator("bpf_sk_storage_map", {"map_id": objects.object_id(fd)}, info)


@maker
def iter_task() -> Iterator[Made]:
    yield from _iterator("task", {})


@maker
def iter_task_of_thread() -> Iterator[Made]:
    yield from _iterator("task", {"tid": os.getpid()}, struct.pack("=IIII", os.getpid(), 0, 0, 0))


@maker
def iter_task_file_of_process() -> Iterator[Made]:
    yield from _iterator("task_file", {"pid": os.getpid()}, struct.pack("=IIII", 0, os.getpid(), 0, 0))


@maker
def iter_task_vma_of_process() -> Iterator[Made]:
    yield from _iterator("task_vma", {"pid": os.getpid()}, struct.pack("=IIII", 0, os.getpid(), 0, 0))


def _cgroup_iterator(order: int, name: str) -> Iterator[Made]:
    with cgroup() as path, opened(path) as fd:
        expected = {"cgroup_id": path.stat().st_ino, "order": name}
        yield from _iterator("cgroup", expected, struct.pack("=IIQ", order, fd.number, 0))


@maker
def iter_cgroup_self() -> Iterator[Made]:
    yield from _cgroup_iterator(link_types.ITER_SELF_ONLY, "self_only")


@maker
def iter_cgroup_pre() -> Iterator[Made]:
    yield from _cgroup_iterator(link_types.ITER_DESCENDANTS_PRE, "descendants_pre")


@maker
def iter_cgroup_post() -> Iterator[Made]:
    yield from _cgroup_iterator(link_types.ITER_DESCENDANTS_POST, "descendants_post")


@maker
def iter_cgroup_up() -> Iterator[Made]:
    yield from _cgroup_iterator(link_types.ITER_ANCESTORS_UP, "ancestors_up")


@maker
def iter_cgroup_children() -> Iterator[Made]:
    yield from _cgroup_iterator(link_types.ITER_CHILDREN, "children")


# ---- control groups and network


def _in_cgroup(shape: Program, attach: int) -> Iterator[Made]:
    with (
        cgroup() as path,
        opened(path) as target,
        shape.load() as program,
        link_create(program, target.number, attach) as fd,
    ):
        expected = {"cgroup_id": path.stat().st_ino, "attach_type": attach_types.NAMES[attach]}
        yield Made(fd, link_types.CGROUP, program, expected)


@maker
def cgroup_skb() -> Iterator[Made]:
    shape = Program(prog_types.CGROUP_SKB, insns=objects.returns(1), attach=attach_types.CGROUP_INET_EGRESS)
    yield from _in_cgroup(shape, attach_types.CGROUP_INET_EGRESS)


@maker
def cgroup_device() -> Iterator[Made]:
    shape = Program(prog_types.CGROUP_DEVICE, insns=objects.returns(1))
    yield from _in_cgroup(shape, attach_types.CGROUP_DEVICE)


def _in_netns(shape: Program, attach: int) -> Iterator[Made]:
    with new_netns() as netns, shape.load() as program, link_create(program, netns.number, attach) as fd:
        expected = {"netns_ino": os.fstat(netns.number).st_ino, "attach_type": attach_types.NAMES[attach]}
        yield Made(fd, link_types.NETNS, program, expected)


@maker
def flow_dissector() -> Iterator[Made]:
    yield from _in_netns(Program(prog_types.FLOW_DISSECTOR), attach_types.FLOW_DISSECTOR)


@maker
def sk_lookup() -> Iterator[Made]:
    shape = Program(prog_types.SK_LOOKUP, insns=objects.returns(1), attach=attach_types.SK_LOOKUP)
    yield from _in_netns(shape, attach_types.SK_LOOKUP)


def _on_device(shape: Program, kind: int, attach: int, driver: str = "veth") -> Iterator[Made]:
    with device(driver) as (netns, index), shape.load() as program:
        expected = {"ifindex": index, "devname": DEVICE}
        if kind != link_types.XDP:
            expected["attach_type"] = attach_types.NAMES[attach]
        with inside(netns, lambda: link_create(program, index, attach)) as fd:
            yield Made(fd, kind, program, expected, netns, DEVICE)


@maker
def xdp() -> Iterator[Made]:
    shape = Program(prog_types.XDP, insns=objects.returns(2), attach=attach_types.XDP)
    yield from _on_device(shape, link_types.XDP, attach_types.XDP)


@maker
def tcx_ingress() -> Iterator[Made]:
    yield from _on_device(Program(prog_types.SCHED_CLS), link_types.TCX, attach_types.TCX_INGRESS)


@maker
def tcx_egress() -> Iterator[Made]:
    yield from _on_device(Program(prog_types.SCHED_CLS), link_types.TCX, attach_types.TCX_EGRESS)


@maker
def netkit() -> Iterator[Made]:
    yield from _on_device(Program(prog_types.SCHED_CLS), link_types.NETKIT, attach_types.NETKIT_PRIMARY, "netkit")


@maker
def netfilter() -> Iterator[Made]:
    shape = Program(prog_types.NETFILTER, insns=objects.returns(1), attach=attach_types.NETFILTER)
    union = (16, "I", 2), (20, "I", 3), (24, "i", -128), (28, "I", 0)
    with (
        new_netns() as netns,
        shape.load() as program,
        inside(netns, lambda: link_create(program, 0, attach_types.NETFILTER, *union)) as fd,
    ):
        yield Made(fd, link_types.NETFILTER, program, {"pf": 2, "hook": 3, "prio": -128, "flags": 0})


@maker
def sockmap() -> Iterator[Made]:
    attach = attach_types.SK_SKB_VERDICT
    shape = Program(prog_types.SK_SKB, insns=objects.returns(1), attach=attach)
    with (
        Map(map_types.SOCKMAP).create() as target,
        shape.load() as program,
        link_create(program, target.number, attach) as fd,
    ):
        expected = {"map_id": objects.object_id(target), "attach_type": "sk_skb_verdict"}
        yield Made(fd, link_types.SOCKMAP, program, expected)


@maker
def struct_ops() -> Iterator[Made]:
    """A TCP congestion control that no socket uses."""
    kernel = vmlinux()
    ops, whole = kernel.id(STRUCT, "tcp_congestion_ops"), kernel.id(STRUCT, "bpf_struct_ops_tcp_congestion_ops")
    size = kernel.size(whole)
    shape = Map(map_types.STRUCT_OPS, value=size, flags=map_flags.F_LINK, vmlinux_value=whole)
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(shape.create())
        value = bytearray(size)
        start = member_offset(whole, "data")
        for name in ("ssthresh", "undo_cwnd", "cong_avoid"):
            attach = kernel.members(ops).index(name)
            program = stack.enter_context(Program(prog_types.STRUCT_OPS, attach=attach, attach_btf_id=ops).load())
            struct.pack_into("=Q", value, start + member_offset(ops, name), program.number)
        struct.pack_into("=16s", value, start + member_offset(ops, "name"), b"fleet_test")
        objects.update(target, bytes(4), bytes(value))
        fd = stack.enter_context(link_create(target, 0, attach_types.STRUCT_OPS))
        yield Made(fd, link_types.STRUCT_OPS, None, {"map_id": objects.object_id(target)})


# ---- perf events and probes


def _perf(event: Fd, shape: Program, expected: dict, cookie: int = COOKIE) -> Iterator[Made]:
    with (
        event,
        shape.load() as program,
        link_create(program, event.number, attach_types.PERF_EVENT, (16, "Q", cookie)) as fd,
    ):
        yield Made(fd, link_types.PERF_EVENT, program, {**expected, "cookie": cookie})


def _event(kind: int, config: int, names: tuple[str, str | int], cookie: int = COOKIE) -> Iterator[Made]:
    expected = {"perf_type": "event", "event_type": names[0], "event_config": names[1]}
    event = perf_event_open(kind, config, period=1_000_000_000)
    yield from _perf(event, Program(prog_types.PERF_EVENT), expected, cookie)


@maker
def perf_software() -> Iterator[Made]:
    yield from _event(1, 3, ("software", "context-switches"))


@maker
def perf_clock() -> Iterator[Made]:
    """The kernel moves the two clocks to PMUs of their own, whose numbers it hands out at boot."""
    event = perf_event_open(1, 0, period=1_000_000_000)
    yield from _perf(event, Program(prog_types.PERF_EVENT), {"perf_type": "event", "event_config": 0})


@maker
def perf_software_without_cookie() -> Iterator[Made]:
    yield from _event(1, 2, ("software", "page-faults"), 0)


@maker
def perf_hardware() -> Iterator[Made]:
    yield from _event(0, 1, ("hardware", "instructions"))


@maker
def perf_cache() -> Iterator[Made]:
    yield from _event(3, 0x10003, ("hw-cache", "dTLB-load-misses"))


@maker
def perf_tracepoint() -> Iterator[Made]:
    with tracefs() as folder:
        number = int((folder / "events" / "xdp" / TRACEPOINT / "id").read_text())
    expected = {"perf_type": "tracepoint", "tracepoint": TRACEPOINT}
    yield from _perf(perf_event_open(2, number), Program(prog_types.TRACEPOINT), expected)


def _uprobe(retprobe: bool, counter: int = 0) -> Iterator[Made]:
    with binary() as (path, offset):
        text = objects.buffer(path.encode() + b"\0")
        event = perf_event_open(pmu("uprobe"), int(retprobe) | counter << 32, syscall.address(text), offset)
        expected = {
            "perf_type": "uretprobe" if retprobe else "uprobe",
            "retprobe": retprobe,
            "file": path,
            "offset": offset,
            "ref_ctr_offset": counter,
        }
        yield from _perf(event, Program(prog_types.KPROBE), expected)


@maker
def perf_uprobe() -> Iterator[Made]:
    yield from _uprobe(False)


@maker
def perf_uretprobe() -> Iterator[Made]:
    yield from _uprobe(True)


@maker
def perf_uprobe_with_counter() -> Iterator[Made]:
    yield from _uprobe(False, 0x40)


@maker
def perf_kprobe() -> Iterator[Made]:
    name = "bpf_fentry_test1"
    text = objects.buffer(name.encode() + b"\0")
    event = perf_event_open(pmu("kprobe"), 0, syscall.address(text))
    expected = {"perf_type": "kprobe", "retprobe": False, "func": name, "offset": 0, "missed": 0, "addr": symbol(name)}
    yield from _perf(event, Program(prog_types.KPROBE), expected)


def symbol(name: str) -> int:
    """Return the address of a kernel symbol."""
    for line in Path("/proc/kallsyms").read_text().splitlines():
        address, _kind, found = line.split()[:3]
        if found == name:
            return int(address, 16)
    raise OSError(2, f"the kernel has no symbol {name}")


@maker
def kprobe_multi() -> Iterator[Made]:
    attach = attach_types.TRACE_KPROBE_MULTI
    names = ("bpf_fentry_test1", "bpf_fentry_test2")
    texts = [objects.buffer(name.encode() + b"\0") for name in names]
    pointers = objects.buffer(struct.pack("=QQ", *map(syscall.address, texts)))
    cookies = objects.buffer(struct.pack("=QQ", COOKIE, COOKIE + 1))
    fields = (16, "I", 0), (20, "I", 2), (24, "Q", syscall.address(pointers)), (40, "Q", syscall.address(cookies))
    with (
        Program(prog_types.KPROBE, attach=attach).load() as program,
        link_create(program, 0, attach, *fields, keep=(texts, pointers, cookies)) as fd,
    ):
        funcs = [
            {"addr": symbol(name), "func": name, "module": None, "cookie": COOKIE + number}
            for number, name in enumerate(names)
        ]
        expected = {"retprobe": False, "flags": 0, "func_cnt": 2, "missed": 0}
        yield Made(fd, link_types.KPROBE_MULTI, program, {**expected, "funcs": sorted(funcs, key=lambda f: f["addr"])})


def _uprobe_multi(retprobe: bool, pid: int, count: int, cookies: bool) -> Iterator[Made]:
    attach = attach_types.TRACE_UPROBE_MULTI
    with binary() as (path, offset), Program(prog_types.KPROBE, attach=attach).load() as program:
        rows = [(offset + number, 0, COOKIE + number if cookies else 0) for number in range(count)]
        text = objects.buffer(path.encode() + b"\0")
        offsets, _counters, values = (
            objects.buffer(struct.pack(f"={count}Q", *column)) for column in zip(*rows, strict=True)
        )
        fields = [(16, "Q", syscall.address(text)), (24, "Q", syscall.address(offsets)), (48, "I", count)]
        fields += [(52, "I", int(retprobe)), (56, "I", pid)]
        if cookies:
            fields.append((40, "Q", syscall.address(values)))
        with link_create(program, 0, attach, *fields, keep=(text, offsets, values)) as fd:
            keys = ("offset", "ref_ctr_offset", "cookie")
            expected = {
                "retprobe": retprobe,
                "flags": int(retprobe),
                "path": path,
                "func_cnt": count,
                "pid": pid,
                "funcs": [dict(zip(keys, row, strict=True)) for row in rows],
            }
            yield Made(fd, link_types.UPROBE_MULTI, program, expected)


@maker
def uprobe_multi() -> Iterator[Made]:
    yield from _uprobe_multi(False, 0, 3, True)


@maker
def uretprobe_multi_of_process() -> Iterator[Made]:
    yield from _uprobe_multi(True, os.getpid(), 1, False)


# ---- links that cannot be told apart by their type alone


@contextlib.contextmanager
def many(count: int) -> Iterator[list[Fd]]:
    """Make some links of one program, each in a control group of its own."""
    attach = attach_types.CGROUP_INET_EGRESS
    with contextlib.ExitStack() as stack:
        program = stack.enter_context(Program(prog_types.CGROUP_SKB, insns=objects.returns(1), attach=attach).load())
        found = []
        for _turn in range(count):
            target = stack.enter_context(opened(stack.enter_context(cgroup())))
            found.append(stack.enter_context(link_create(program, target.number, attach)))
        yield found


# Any kernel with the link commands and BTF can make these: refused, they are a failure and not a skip.
ALWAYS = ("raw_tracepoint", "iter_bpf_map", "iter_map_elem", "cgroup_skb", "flow_dissector", "xdp")


@contextlib.contextmanager
def made_or_skipped(name: str) -> Iterator[Made]:
    """A link of a maker, or the test is skipped with what the kernel said; only the making may be refused."""
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(MAKERS[name]())
        except OSError as error:
            if name in ALWAYS:
                raise
            pytest.skip(f"{name} cannot be made on this kernel: {error}")
        yield made
