# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes programs, maps, BTF and pins on the running kernel, and gives all of it back.

Everything goes through the collection's own door (``_kernel/syscall.py``), except the objects compiled by clang, which
bpftool loads. Descriptors are `Fd`, closed by ``with`` or with the object.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import glob
import gzip
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vmlinux import FUNC, STRUCT, vmlinux

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.fd import Fd
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import (
    attach_types,
    commands,
    map_flags,
    map_types,
    prog_types,
)

SOURCES = Path(__file__).resolve().parent.parent / "bpf"
BPFTOOL = shutil.which("bpftool", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
CLANG = shutil.which("clang")
PAGE = os.sysconf("SC_PAGESIZE")

_libc = ctypes.CDLL(None, use_errno=True)
_MNT_DETACH = 2
_CLONE_NEWNS = 0x20000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000


# ---- places


def _mount(target: Path) -> None:
    if _libc.mount(b"none", bytes(target), b"bpf", 0, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "mount bpffs: " + os.strerror(number))


def own_mounts() -> None:
    """Move this process into a mount namespace of its own: what it mounts ends with it, even if it is killed."""
    if _libc.unshare(_CLONE_NEWNS) != 0 or _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, "make a mount namespace: " + os.strerror(number))


@contextlib.contextmanager
def bpffs() -> Iterator[Path]:
    """Mount a bpffs of our own in a new folder; all pins in it go with it."""
    # libbpf turns dots into underscores in the paths of maps that it pins: the folder may have none.
    target = Path(tempfile.mkdtemp(prefix="fleet_test_bpffs_"))
    try:
        _mount(target)
        try:
            yield target
        finally:
            _libc.umount2(bytes(target), _MNT_DETACH)
    finally:
        target.rmdir()


# ---- compiled objects


#: Compiled without -g.
WITHOUT_BTF = "plain.bpf.c"


def sources() -> list[str]:
    """Return the files of tests/bpf that this kernel can load; recent.bpf.c needs types that came with 5.14."""
    kernel = vmlinux()
    recent = kernel is not None and "BPF_PROG_TYPE_SYSCALL" in kernel.enum("bpf_prog_type")
    return [path.name for path in sorted(SOURCES.glob("*.bpf.c")) if recent or path.name != "recent.bpf.c"]


def include_paths() -> list[str]:
    """Return the folders that hold ``asm/types.h`` on distributions that keep it apart for every architecture."""
    machine = os.uname().machine
    found = [path[: -len("/asm/types.h")] for path in sorted(glob.glob("/usr/include/*/asm/types.h"))]
    return [path for path in found if os.path.basename(path).startswith(machine)] or found


def compile_object(source: str, target: Path, btf: bool = True) -> Path:
    """Compile one file of tests/bpf to an object in the folder ``target``; a message of clang's is an error."""
    built = target / (source.partition(".")[0] + ".o")
    include = [word for path in include_paths() for word in ("-idirafter", path)]
    flags = ["-g"] if btf else []
    flags += ["-target", "bpf", "-O2", "-Wall", "-Werror", *include]
    _run([CLANG, *flags, "-c", str(SOURCES / source), "-o", str(built)])
    return built


def load_object(built: Path, pins: Path) -> None:
    """Load all programs of an object with bpftool: programs are pinned in ``pins/prog``, maps in ``pins/map``."""
    pins.mkdir()
    _run([BPFTOOL, "prog", "loadall", str(built), str(pins / "prog"), "pinmaps", str(pins / "map")])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise AssertionError("{} failed:\n{}{}".format(" ".join(command), done.stdout, done.stderr))


# ---- the door


def call(cmd: int, size: int, *fields: tuple[int, str, int | bytes], keep: tuple = ()) -> tuple[int, bytes]:
    """Make one bpf(2) call with (offset, struct code, value) fields; return its result and the attr afterwards.

    ``keep`` holds the buffers that the fields point to.
    """
    attr = syscall.new_buffer()
    for offset, code, value in fields:
        struct.pack_into("=" + code, attr, offset, value)
    result = syscall.bpf(cmd, attr, size)
    del keep
    return result, attr.raw


def buffer(data: bytes) -> ctypes.Array:
    """Return a buffer with some bytes, for a field that points to it."""
    made = syscall.new_buffer(max(len(data), 1))
    made[: len(data)] = data
    return made


def pin(fd: Fd, path: Path) -> Path:
    """Pin an object at a path of a bpffs."""
    name = buffer(bytes(path) + b"\0")
    call(commands.BPF_OBJ_PIN, 16, (0, "Q", syscall.address(name)), (8, "I", fd.number), keep=(name,))
    return path


def load_btf(blob: bytes | None = None) -> Fd:
    """Load BTF; by default the smallest that is of use: one type, `int`, with the id 1."""
    data = btf_blob() if blob is None else blob
    holder = buffer(data)
    fields = (0, "Q", syscall.address(holder)), (16, "I", len(data))
    return Fd(call(commands.BPF_BTF_LOAD, 28, *fields, keep=(holder,))[0])


def btf_blob(extra: int = 0) -> bytes:
    """Return BTF with a signed int of 4 bytes as type 1, and a number in a type's name to make it unlike others."""
    strings = b"\0int\0" + f"t{extra}\0".encode()
    types = struct.pack("=IIII", 1, 1 << 24, 4, 1 << 24 | 32) + struct.pack("=III", 5, 8 << 24, 1)
    return struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings


def function_btf(name: bytes) -> bytes:
    """Return BTF with int as type 1, a function that returns it as type 2, and one with a name and that type as 3."""
    strings = b"\0int\0" + name + b"\0"
    number = struct.pack("=IIII", 1, 1 << 24, 4, 1 << 24 | 32)
    function = struct.pack("=III", 0, 13 << 24, 1) + struct.pack("=III", 5, 12 << 24, 2)
    types = number + function
    return struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings


def freeze(fd: Fd) -> None:
    """Freeze a map: no more updates from user space."""
    call(commands.BPF_MAP_FREEZE, 4, (0, "I", fd.number))


def update(fd: Fd, key: bytes, value: bytes) -> None:
    """Set one element of a map."""
    held = buffer(key), buffer(value)
    pointers = (8, "Q", syscall.address(held[0])), (16, "Q", syscall.address(held[1]))
    call(commands.BPF_MAP_UPDATE_ELEM, 32, (0, "I", fd.number), *pointers, keep=held)


def fd_object(fd: Fd) -> tuple[str, int]:
    """Return the kind and the id of what a descriptor holds, from its fdinfo."""
    text = Path(f"/proc/self/fdinfo/{fd.number}").read_text()
    pairs = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return next((kind, int(pairs[kind + "_id"])) for kind in ("link", "prog", "map", "btf") if kind + "_id" in pairs)


def object_id(fd: Fd) -> int:
    """Return the id of a program, map, link or BTF."""
    return fd_object(fd)[1]


def open_pin(path: Path) -> Fd:
    """Open a pinned object."""
    name = buffer(bytes(path) + b"\0")
    return Fd(call(commands.BPF_OBJ_GET, 16, (0, "Q", syscall.address(name)), keep=(name,))[0])


def pinned_ids(place: Path) -> dict[Path, tuple[str, int]]:
    """Return (kind, id) of every object that is pinned below a folder."""
    found = {}
    for path in sorted(place.rglob("*")):
        if path.is_file() and not path.name.endswith(".debug"):
            with open_pin(path) as fd:
                found[path] = fd_object(fd)
    return found


# ---- programs


def instruction(code: int, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0) -> bytes:
    """Return one instruction; the register nibbles change places with the byte order."""
    registers = src << 4 | dst if sys.byteorder == "little" else dst << 4 | src
    return struct.pack("=BBhi", code, registers, off, imm)


def returns(number: int) -> bytes:
    """Return the program that does nothing but return a number."""
    return instruction(0xB7, imm=number) + instruction(0x95)


def uses_map(fd: Fd) -> bytes:
    """Return the program that loads the address of a map and returns 0."""
    return instruction(0x18, dst=1, src=1, imm=fd.number) + instruction(0) + returns(0)


@dataclass(frozen=True)
class Program:
    """How to load a program of a type by hand."""

    type: int
    name: bytes = b"fleet_test"
    insns: bytes = returns(0)
    attach: int = 0
    flags: int = 0
    license: bytes = b"GPL"
    #: of the kernel's BTF: the id of the type that it attaches to
    attach_btf_id: int = 0
    btf_fd: int = 0
    #: the type of its one function in that BTF
    function_type: int = 0

    def load(self) -> Fd:
        insns, text = buffer(self.insns), buffer(self.license + b"\0")
        functions = buffer(struct.pack("=II", 0, self.function_type))
        count = 1 if self.function_type else 0
        fields = [
            (0, "I", self.type),
            (4, "I", len(self.insns) // 8),
            (8, "Q", syscall.address(insns)),
            (16, "Q", syscall.address(text)),
            (44, "I", self.flags),
            (48, "16s", self.name),
            (68, "I", self.attach),
            (72, "I", self.btf_fd),
            (76, "I", 8 * count),
            (80, "Q", syscall.address(functions) * count),
            (88, "I", count),
            (108, "I", self.attach_btf_id),
        ]
        return Fd(call(commands.BPF_PROG_LOAD, 152, *fields, keep=(insns, text, functions))[0])


def programs() -> dict[str, Program]:
    """Return how to load one program of every type that needs no other object to attach to, by the type's name."""
    kernel = vmlinux()
    types = {
        "socket_filter": Program(prog_types.SOCKET_FILTER),
        "kprobe": Program(prog_types.KPROBE),
        "sched_cls": Program(prog_types.SCHED_CLS),
        "sched_act": Program(prog_types.SCHED_ACT),
        "tracepoint": Program(prog_types.TRACEPOINT),
        "xdp": Program(prog_types.XDP, insns=returns(2)),
        "perf_event": Program(prog_types.PERF_EVENT),
        "cgroup_skb": Program(prog_types.CGROUP_SKB),
        "cgroup_sock": Program(prog_types.CGROUP_SOCK, attach=attach_types.CGROUP_INET_SOCK_CREATE),
        "lwt_in": Program(prog_types.LWT_IN),
        "lwt_out": Program(prog_types.LWT_OUT),
        "lwt_xmit": Program(prog_types.LWT_XMIT),
        "sock_ops": Program(prog_types.SOCK_OPS),
        "sk_skb": Program(prog_types.SK_SKB),
        "cgroup_device": Program(prog_types.CGROUP_DEVICE),
        "sk_msg": Program(prog_types.SK_MSG),
        "raw_tracepoint": Program(prog_types.RAW_TRACEPOINT),
        "cgroup_sock_addr": Program(
            prog_types.CGROUP_SOCK_ADDR, insns=returns(1), attach=attach_types.CGROUP_INET4_CONNECT
        ),
        "lwt_seg6local": Program(prog_types.LWT_SEG6LOCAL),
        "lirc_mode2": Program(prog_types.LIRC_MODE2),
        "sk_reuseport": Program(prog_types.SK_REUSEPORT),
        "flow_dissector": Program(prog_types.FLOW_DISSECTOR),
        "cgroup_sysctl": Program(prog_types.CGROUP_SYSCTL),
        "raw_tracepoint_writable": Program(prog_types.RAW_TRACEPOINT_WRITABLE),
        "cgroup_sockopt": Program(prog_types.CGROUP_SOCKOPT, attach=attach_types.CGROUP_SETSOCKOPT),
        "sk_lookup": Program(prog_types.SK_LOOKUP, attach=attach_types.SK_LOOKUP),
        "syscall": Program(prog_types.SYSCALL, flags=map_flags.F_SLEEPABLE),
        "netfilter": Program(prog_types.NETFILTER, insns=returns(1), attach=attach_types.NETFILTER),
    }
    if kernel is not None:
        types["tracing"] = Program(
            prog_types.TRACING, attach=attach_types.TRACE_ITER, attach_btf_id=kernel.id(FUNC, "bpf_iter_task")
        )
        types["lsm"] = Program(
            prog_types.LSM, attach=attach_types.LSM_MAC, attach_btf_id=kernel.id(FUNC, "bpf_lsm_file_open")
        )
        types["struct_ops"] = struct_ops_program()
    return types


def struct_ops_program() -> Program:
    """Return the program that stands for one function of a TCP congestion control."""
    kernel = vmlinux()
    ops = kernel.id(STRUCT, "tcp_congestion_ops")
    member = kernel.members(ops).index("ssthresh")
    return Program(prog_types.STRUCT_OPS, attach=member, attach_btf_id=ops)


@dataclass(frozen=True)
class Excuse:
    """Why a type that the kernel's header names may not be made: a build option, or a word of reason alone."""

    reason: str
    option: str = ""
    errnos: tuple[int, ...] = (errno.EINVAL,)

    def covers(self, number: int) -> bool:
        """Return whether an errno is excused: not where the kernel is known to be built with the option."""
        return number in self.errnos and not (self.option and kernel_option(self.option))


@functools.cache
def _kernel_config() -> str | None:
    for path in ("/proc/config.gz", "/boot/config-" + os.uname().release):
        with contextlib.suppress(OSError):
            data = Path(path).read_bytes()
            return (gzip.decompress(data) if path.endswith(".gz") else data).decode()
    return None


def kernel_option(name: str) -> bool | None:
    """Return whether the running kernel was built with an option, None where nothing tells."""
    text = _kernel_config()
    return None if text is None else any(line.startswith(name + "=") for line in text.splitlines())


#: Program types that a kernel's header may name and that cannot be loaded everywhere.
NOT_LOADABLE = {
    "lirc_mode2": Excuse("infrared receivers are left out of most kernels", "CONFIG_BPF_LIRC_MODE2"),
    "lwt_seg6local": Excuse("an option of IPv6", "CONFIG_IPV6_SEG6_BPF"),
    "netfilter": Excuse("an option of netfilter", "CONFIG_NETFILTER_BPF_LINK"),
    "struct_ops": Excuse("before Linux 6.x only known to kernels built with the JIT", "CONFIG_BPF_JIT"),
    # The function that the hook is made of has to be open to patching; some kernels close all functions to it.
    "lsm": Excuse("the hooks' functions are closed to patching on some kernels", errnos=(errno.EPERM, errno.EINVAL)),
    "ext": Excuse("replaces a function of another program that has to be loaded first", errnos=()),
}


# ---- maps


@dataclass(frozen=True)
class Map:
    """How to make a map: the fields of MAP_CREATE. ``inner`` and ``btf`` are made beside it and closed again."""

    type: int
    key: int = 4
    value: int = 4
    entries: int = 1
    flags: int = 0
    name: bytes = b"fleet_test"
    inner: Map | None = None
    #: (key, value) types in a BTF that knows int as type 1
    btf: tuple[int, int] | None = None
    vmlinux_value: int = 0
    extra: int = 0
    numa_node: int = 0
    #: SHA-256 of the only program that may use it
    exclusive: bytes = b""

    def create(self) -> Fd:
        with contextlib.ExitStack() as stack:
            inner = stack.enter_context(self.inner.create()).number if self.inner else 0
            btf = stack.enter_context(load_btf()).number if self.btf or self.vmlinux_value else 0
            key, value = self.btf or (0, 0)
            fields = [
                (0, "I", self.type),
                (4, "I", self.key),
                (8, "I", self.value),
                (12, "I", self.entries),
                (16, "I", self.flags),
                (20, "I", inner),
                (24, "I", self.numa_node),
                (28, "16s", self.name),
                (48, "I", btf),
                (52, "I", key),
                (56, "I", value),
                (60, "I", self.vmlinux_value),
                (64, "Q", self.extra),
            ]
            size, keep = 72, ()
            if self.exclusive:
                keep = (buffer(self.exclusive),)
                fields += [(80, "Q", syscall.address(keep[0])), (88, "I", len(self.exclusive))]
                size = 92
            return Fd(call(commands.BPF_MAP_CREATE, size, *fields, keep=keep)[0])


_STORAGE = {"value": 4, "entries": 0, "flags": map_flags.F_NO_PREALLOC, "btf": (1, 1)}
_INNER = Map(map_types.ARRAY, entries=2)


def maps() -> dict[str, Map]:
    """Return how to make one map of every type, by the type's name."""
    types = {
        "hash": Map(map_types.HASH, entries=8),
        "array": Map(map_types.ARRAY, entries=4),
        "prog_array": Map(map_types.PROG_ARRAY),
        "perf_event_array": Map(map_types.PERF_EVENT_ARRAY),
        "percpu_hash": Map(map_types.PERCPU_HASH),
        "percpu_array": Map(map_types.PERCPU_ARRAY),
        "stack_trace": Map(map_types.STACK_TRACE, value=8 * 16),
        "cgroup_array": Map(map_types.CGROUP_ARRAY),
        "lru_hash": Map(map_types.LRU_HASH, entries=8),
        "lru_percpu_hash": Map(map_types.LRU_PERCPU_HASH, entries=8),
        "lpm_trie": Map(map_types.LPM_TRIE, key=8, flags=map_flags.F_NO_PREALLOC),
        "array_of_maps": Map(map_types.ARRAY_OF_MAPS, inner=_INNER),
        "hash_of_maps": Map(map_types.HASH_OF_MAPS, inner=_INNER),
        "devmap": Map(map_types.DEVMAP),
        "sockmap": Map(map_types.SOCKMAP),
        "cpumap": Map(map_types.CPUMAP),
        "xskmap": Map(map_types.XSKMAP),
        "sockhash": Map(map_types.SOCKHASH),
        "cgroup_storage": Map(map_types.CGROUP_STORAGE, key=16, entries=0),
        "reuseport_sockarray": Map(map_types.REUSEPORT_SOCKARRAY, value=8),
        "percpu_cgroup_storage": Map(map_types.PERCPU_CGROUP_STORAGE, key=16, entries=0),
        "queue": Map(map_types.QUEUE, key=0),
        "stack": Map(map_types.STACK, key=0),
        "sk_storage": Map(map_types.SK_STORAGE, **_STORAGE),
        "devmap_hash": Map(map_types.DEVMAP_HASH),
        "ringbuf": Map(map_types.RINGBUF, key=0, value=0, entries=PAGE),
        "inode_storage": Map(map_types.INODE_STORAGE, **_STORAGE),
        "task_storage": Map(map_types.TASK_STORAGE, **_STORAGE),
        "bloom_filter": Map(map_types.BLOOM_FILTER, key=0, extra=3),
        "user_ringbuf": Map(map_types.USER_RINGBUF, key=0, value=0, entries=PAGE),
        "cgrp_storage": Map(map_types.CGRP_STORAGE, **_STORAGE),
        "arena": Map(map_types.ARENA, key=0, value=0, flags=map_flags.F_MMAPABLE),
        "insn_array": Map(map_types.INSN_ARRAY, value=16),
        "rhash": Map(map_types.RHASH, entries=8, flags=map_flags.F_NO_PREALLOC),
    }
    kernel = vmlinux()
    if kernel is not None:
        wrapped = kernel.id(STRUCT, "bpf_struct_ops_tcp_congestion_ops")
        if wrapped:
            types["struct_ops"] = Map(map_types.STRUCT_OPS, value=kernel.size(wrapped), vmlinux_value=wrapped)
    return types


def variants() -> dict[str, Map]:
    """Return maps of forms that change a record in another key than its type, by what is special."""
    array, table = Map(map_types.ARRAY), Map(map_types.HASH)
    return {
        "no name": replace(array, name=b""),
        "a name of 15 characters": replace(array, name=b"exactly_fifteen"),
        "a name with a dot": replace(array, name=b"fleet.test"),
        "no_prealloc": replace(table, flags=map_flags.F_NO_PREALLOC),
        "numa_node": replace(table, flags=map_flags.F_NUMA_NODE),
        "zero_seed": replace(table, flags=map_flags.F_ZERO_SEED),
        "no_common_lru": Map(map_types.LRU_HASH, entries=64, flags=map_flags.F_NO_COMMON_LRU),
        "mmapable": replace(array, flags=map_flags.F_MMAPABLE),
        "rdonly_prog": replace(array, flags=map_flags.F_RDONLY_PROG),
        "wronly_prog": replace(array, flags=map_flags.F_WRONLY_PROG),
        "read only for its maker": replace(array, flags=map_flags.F_RDONLY),
        "write only for its maker": replace(array, flags=map_flags.F_WRONLY),
        "inner_map": replace(array, flags=map_flags.F_INNER_MAP),
        "preserve_elems": Map(map_types.PERF_EVENT_ARRAY, flags=map_flags.F_PRESERVE_ELEMS),
        "stack_build_id": Map(map_types.STACK_TRACE, value=32 * 4, flags=map_flags.F_STACK_BUILD_ID),
        "typed": replace(array, btf=(1, 1)),
        "a devmap with programs": Map(map_types.DEVMAP, value=8),
        "large": Map(map_types.ARRAY, value=4096, entries=512),
    }


def late_variants() -> dict[str, Map]:
    """Return forms that came after Linux 5.10: EINVAL or E2BIG means that a kernel does not have them."""
    return {
        "exclusive": Map(map_types.ARRAY, exclusive=bytes(range(32))),
        "segv_on_fault": Map(map_types.ARENA, key=0, value=0, flags=map_flags.F_MMAPABLE | map_flags.F_SEGV_ON_FAULT),
    }


#: Map types that a kernel's header may name and that cannot be made everywhere.
NOT_CREATABLE = {
    "xskmap": Excuse("an option of the network stack", "CONFIG_XDP_SOCKETS"),
    "inode_storage": Excuse("came with the BPF security module", "CONFIG_BPF_LSM"),
    "struct_ops": Excuse("only known to kernels built with the JIT", "CONFIG_BPF_JIT"),
}


@contextlib.contextmanager
def made(shapes: dict[str, Map] | dict[str, Program]) -> Iterator[dict[str, Fd]]:
    """Make maps or load programs by name and close them all in the end; what the kernel refuses is left out."""
    with contextlib.ExitStack() as stack:
        found = {}
        for name, shape in shapes.items():
            with contextlib.suppress(KernelError):
                found[name] = stack.enter_context(shape.load() if isinstance(shape, Program) else shape.create())
        yield found
