# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""System call numbers: against this machine's C headers, and against the running kernel."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import struct
from pathlib import Path

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import syscall_numbers

TABLES = {
    "bpf": syscall_numbers.BPF,
    "perf_event_open": syscall_numbers.PERF_EVENT_OPEN,
    "setns": syscall_numbers.SETNS,
    "pidfd_open": syscall_numbers.PIDFD_OPEN,
}
# file below /usr/include -> the machine whose table it is
HEADERS = {
    "asm-generic/unistd.h": "aarch64",
    "x86_64-linux-gnu/asm/unistd_64.h": "x86_64",
    "x86_64-linux-gnu/asm/unistd_32.h": "i686",
}


@pytest.mark.parametrize(("header", "machine"), HEADERS.items())
@pytest.mark.parametrize("call", TABLES)
def test_agrees_with_the_c_header(call, header, machine):
    path = Path("/usr/include") / header
    if not path.exists():
        pytest.skip(f"no {path} on this machine")
    match = re.search(rf"^#define __NR_{call} (\d+)$", path.read_text("utf-8"), flags=re.M)
    assert TABLES[call][machine] == int(match.group(1))


@pytest.mark.parametrize(
    ("machine", "number"),
    [
        ("x86_64", 321), ("i386", 357), ("i686", 357), ("aarch64", 280), ("armv7l", 386), ("armv8l", 386),
        ("riscv64", 280), ("riscv32", 280), ("loongarch64", 280), ("s390x", 351), ("ppc64", 361), ("ppc64le", 361),
        ("sparc64", 349), ("mips64", 5315), ("mips64n32", 6319), ("mips", 4355), ("parisc64", 341), ("alpha", 515),
        ("m68k", 354), ("sh4", 375), ("xtensa", 340), ("microblaze", 387), ("ia64", 1341),
    ],
)  # fmt: skip
def test_bpf_numbers(machine, number):
    assert syscall_numbers.BPF[machine] == number


def test_all_calls_know_the_same_machines():
    assert {frozenset(table) for table in TABLES.values()} == {frozenset(syscall_numbers.BPF)}


def test_no_machine_has_one_number_twice():
    assert all(len({table[machine] for table in TABLES.values()}) == 4 for machine in syscall_numbers.BPF)


def test_no_machine_stands_in_two_rows():
    names = [name for row in syscall_numbers._ROWS for name in row[0]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("machine", "pointer", "number"),
    [("x86_64", 4, 357), ("x86_64", 8, 321), ("i686", 8, 321), ("aarch64", 4, 386), ("aarch64", 8, 280),
     ("armv8l", 8, 280), ("armv8l", 4, 386), ("mips64", 4, 4355), ("mips64", 8, 5315), ("ppc64", 4, 361),
     ("s390x", 4, 351), ("sparc64", 4, 349), ("riscv64", 4, 280)],
)  # fmt: skip
def test_the_pointer_decides_between_two_tables(machine, pointer, number):
    assert syscall_numbers.BPF[syscall_numbers.COMPAT.get((machine, pointer), machine)] == number


def test_compat_leads_to_known_machines():
    assert set(syscall_numbers.COMPAT.values()) <= set(syscall_numbers.BPF)
    assert {machine for machine, _bits in syscall_numbers.COMPAT} <= set(syscall_numbers.BPF)


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        # each fails by its arguments, whatever the rights: ENOSYS would say that the number is not this call's
        ("bpf", (-1, None, 8), {errno.EINVAL, errno.EPERM, errno.EFAULT}),
        ("perf_event_open", (None, 0, -1, -1, 0), {errno.EFAULT, errno.EACCES, errno.EPERM}),
        ("setns", (-1, 0), {errno.EBADF}),
        ("pidfd_open", (-1, 0), {errno.EINVAL}),
    ],
)
def test_the_running_kernel_knows_the_call(call, arguments, expected):
    machine = os.uname().machine
    machine = syscall_numbers.COMPAT.get((machine, struct.calcsize("P")), machine)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    values = [ctypes.c_void_p(each) if each is None else ctypes.c_long(each) for each in arguments]
    assert libc.syscall(ctypes.c_long(TABLES[call][machine]), *values) == -1
    assert ctypes.get_errno() in expected
