# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ctypes
import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError, NotSupported
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.fd import Fd
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, syscall_numbers


class Libc:
    """What libc's syscall() returns, call after call: a result, or (-1, errno)."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def __call__(self, number, cmd, attr, size):
        self.calls.append((number, cmd, bytes(attr), size))
        answer = self.answers.pop(0)
        if isinstance(answer, tuple):
            ctypes.set_errno(answer[1])
            return answer[0]
        return answer


@pytest.fixture
def libc(monkeypatch):
    def make(*answers):
        fake = Libc(*answers)
        monkeypatch.setattr(syscall, "_syscall", fake)
        return fake

    return make


class Uname:
    def __init__(self, machine):
        self.machine = machine


@pytest.mark.parametrize("size", [0, 1, 16, 255, 256])
def test_no_buffer_is_shorter_than_what_the_kernel_may_write(size):
    buffer = syscall.new_buffer(size)
    assert len(buffer) == 256
    assert bytes(buffer) == bytes(256)


def test_a_longer_buffer_is_as_long_as_asked_for():
    assert len(syscall.new_buffer()) == 256
    assert len(syscall.new_buffer(5000)) == 5000


def test_the_address_is_where_the_bytes_are():
    buffer = syscall.new_buffer()
    ctypes.memmove(syscall.address(buffer), b"fleet", 5)
    assert buffer.raw[:6] == b"fleet\0"


def test_words_are_those_of_the_buffer_itself():
    buffer = syscall.new_buffer()
    words = syscall.words(buffer)
    words[2] = 2**32 - 1
    assert bytes(buffer) == bytes(8) + b"\xff" * 4 + bytes(244)
    assert len(words) == 64


def test_the_result_is_returned_and_the_arguments_arrive(libc):
    fake = libc(7)
    attr = syscall.new_buffer()
    attr[0] = b"\x05"
    assert syscall.bpf(commands.BPF_PROG_GET_FD_BY_ID, attr, 12) == 7
    number, cmd, sent, size = fake.calls[0]
    assert (number, cmd, size) == (syscall._NUMBER, commands.BPF_PROG_GET_FD_BY_ID, 12)
    assert sent[:2] == b"\x05\0"


def test_a_stale_errno_does_not_spoil_a_success(libc):
    ctypes.set_errno(errno.EPERM)
    libc(0)
    assert syscall.bpf(commands.BPF_PROG_GET_NEXT_ID, syscall.new_buffer(), 8) == 0


@pytest.mark.parametrize("number", [errno.EINTR, errno.EAGAIN])
def test_an_interrupted_call_is_made_again(libc, number):
    fake = libc((-1, number), (-1, number), 3)
    assert syscall.bpf(commands.BPF_LINK_GET_FD_BY_ID, syscall.new_buffer(), 12) == 3
    assert len(fake.calls) == 3


@pytest.mark.parametrize("number", [errno.EINTR, errno.EAGAIN])
def test_five_tries_are_enough(libc, number):
    fake = libc(*[(-1, number)] * 9)
    with pytest.raises(KernelError) as caught:
        syscall.bpf(commands.BPF_LINK_GET_FD_BY_ID, syscall.new_buffer(), 12)
    assert caught.value.errno == number
    assert len(fake.calls) == 5


@pytest.mark.parametrize("name", [name for name in commands.COMMAND_NAMES.values() if name.endswith("_BATCH")])
def test_a_batch_is_not_made_again(libc, name):
    """Its attr says by then how far the kernel came, not what was asked for."""
    fake = libc((-1, errno.EINTR), 0)
    with pytest.raises(KernelError) as caught:
        syscall.bpf(getattr(commands, name), syscall.new_buffer(), 56)
    assert (caught.value.call, caught.value.errno, len(fake.calls)) == (name, errno.EINTR, 1)


def test_what_comes_after_an_interruption_counts(libc):
    fake = libc((-1, errno.EINTR), (-1, errno.ENOENT))
    with pytest.raises(KernelError) as caught:
        syscall.bpf(commands.BPF_LINK_GET_FD_BY_ID, syscall.new_buffer(), 12)
    assert caught.value.errno == errno.ENOENT
    assert len(fake.calls) == 2


@pytest.mark.parametrize(
    "number",
    [
        errno.EPERM,
        errno.ENOENT,
        errno.EINVAL,
        errno.E2BIG,
        errno.EFAULT,
        errno.ENOSPC,
        errno.EACCES,
        errno.ENODEV,
        errno.EBADF,
        errno.EBADFD,
        errno.ENOSYS,
        errno.EOPNOTSUPP,
        errno.EBUSY,
        errno.ENOMEM,
        524,
        4000,
    ],
)
def test_every_other_errno_is_an_error_at_once(libc, number):
    fake = libc((-1, number), 1)
    with pytest.raises(KernelError) as caught:
        syscall.bpf(commands.BPF_OBJ_GET_INFO_BY_FD, syscall.new_buffer(), 16)
    assert (caught.value.call, caught.value.errno) == ("BPF_OBJ_GET_INFO_BY_FD", number)
    assert len(fake.calls) == 1


def test_a_command_without_a_name_is_named_by_its_number(libc):
    libc((-1, errno.EINVAL))
    with pytest.raises(KernelError, match="BPF command 4711: "):
        syscall.bpf(4711, syscall.new_buffer(), 16)


@pytest.mark.parametrize(
    ("machine", "pointer", "number"),
    [
        ("x86_64", 8, 321),
        ("aarch64", 8, 280),
        ("s390x", 8, 351),
        ("ppc64le", 8, 361),
        ("riscv64", 8, 280),
        # 32-bit processes on 64-bit kernels: uname tells the kernel's machine
        ("x86_64", 4, 357),
        ("aarch64", 4, 386),
        ("armv7l", 4, 386),
        ("i686", 4, 357),
        ("pdp11", 8, -1),
    ],
)
def test_the_number_is_that_of_the_process(monkeypatch, machine, pointer, number):
    monkeypatch.setattr(os, "uname", lambda: Uname(machine))
    monkeypatch.setattr(syscall.struct, "calcsize", lambda code: pointer)
    assert syscall._number(syscall_numbers.BPF) == number


def test_on_an_unknown_machine_the_kernel_says_enosys(monkeypatch):
    """Not with a planted answer: -1 is no system call anywhere."""
    monkeypatch.setattr(syscall, "_NUMBER", -1)
    with pytest.raises(NotSupported) as caught:
        syscall.bpf(commands.BPF_PROG_GET_NEXT_ID, syscall.new_buffer(), 8)
    assert caught.value.errno == errno.ENOSYS


def test_the_real_door_answers():
    """Whatever the rights of the tests are, an info call on no descriptor is refused as bpf(2) refuses it."""
    attr = syscall.new_buffer()
    attr[0:4] = b"\xff\xff\xff\x7f"
    with pytest.raises(KernelError) as caught:
        syscall.bpf(commands.BPF_OBJ_GET_INFO_BY_FD, attr, 16)
    refused = isinstance(caught.value, (Denied, NotSupported))  # in a container, or without bpf(2)
    assert refused or caught.value.name in ("EBADFD", "EBADF")


def test_a_namespace_that_cannot_be_entered_is_an_error():
    with open("/dev/null", "rb") as handle, pytest.raises(KernelError) as caught:
        syscall.setns(handle.fileno(), 0)
    assert (caught.value.call, caught.value.errno) == ("setns", errno.EINVAL)


def test_a_process_and_its_descriptors(no_leaks):
    """The real calls, on ourselves."""
    with Fd(syscall.pidfd_open(os.getpid())) as process, open(os.devnull, "rb") as held:
        with Fd(syscall.pidfd_getfd(process.number, held.fileno())) as copy:
            assert os.fstat(copy.number).st_rdev == os.fstat(held.fileno()).st_rdev
        with pytest.raises(KernelError) as caught:
            syscall.pidfd_getfd(process.number, 10**6)
    assert (caught.value.call, caught.value.errno) == ("pidfd_getfd", errno.EBADF)
    with pytest.raises(KernelError, match=r"pidfd_open: .*\(EINVAL\)"):
        syscall.pidfd_open(-1)


def test_a_mount_that_cannot_be_is_an_error(tmp_path):
    with pytest.raises(KernelError, match=r"^mount: "):
        syscall.mount(b"none", os.fsencode(str(tmp_path / "nowhere")), b"no such file system", 0, b"")
