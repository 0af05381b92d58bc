# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs, rlimit
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError, Vanished

LIMITS = (
    b"Limit                     Soft Limit           Hard Limit           Units     \n"
    b"Max processes             96365                96365                processes \n"
    b"Max locked memory         65536                unlimited            bytes     \n"
    b"Max address space         unlimited            unlimited            bytes     \n"
)


@pytest.fixture
def refused(monkeypatch):
    def prlimit(*_args):
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(resource, "prlimit", prlimit)


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.stdin.close()


def test_the_own_limit_is_what_getrlimit_says():
    own = tuple(
        -1 if value == resource.RLIM_INFINITY else value for value in resource.getrlimit(resource.RLIMIT_MEMLOCK)
    )
    assert rlimit.memlock(os.getpid()) == own


def test_another_process_has_its_own_limit():
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_MEMLOCK, (4096, 8192)); "
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        assert rlimit.memlock(child.pid) == (4096, 8192)
        assert rlimit.parse_limits(procfs.read(f"/proc/{child.pid}/limits")) == (4096, 8192)
        child.stdin.close()


def test_infinity_is_unlimited_however_python_spells_it(monkeypatch):
    monkeypatch.setattr(resource, "RLIM_INFINITY", 2**64 - 1)
    monkeypatch.setattr(resource, "prlimit", lambda *_args: (5, 2**64 - 1))
    assert rlimit.memlock(1) == (5, rlimit.UNLIMITED)


def test_a_refused_prlimit_falls_back_to_procfs(refused, monkeypatch):
    monkeypatch.setattr(procfs, "read", {"/proc/7/limits": LIMITS}.get)
    assert rlimit.memlock(7) == (65536, rlimit.UNLIMITED)


def test_a_process_that_is_gone_has_vanished():
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with pytest.raises(Vanished) as caught:
        rlimit.memlock(int(child.stdout))
    assert caught.value.name == "ESRCH"


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
def test_a_process_that_ends_before_the_fallback_has_vanished(refused, monkeypatch, number):
    def read(path):
        raise OSError(number, path)

    monkeypatch.setattr(procfs, "read", read)
    with pytest.raises(Vanished):
        rlimit.memlock(7)


def test_a_refused_fallback_says_why(refused, monkeypatch):
    def read(path):
        raise OSError(errno.EACCES, path)

    monkeypatch.setattr(procfs, "read", read)
    with pytest.raises(Denied) as caught:
        rlimit.memlock(7)
    assert (caught.value.call, caught.value.name) == ("read limits of process 7", "EACCES")


def test_other_errors_keep_their_errno(monkeypatch):
    def prlimit(*_args):
        raise OSError(errno.ENOSYS, "no")

    monkeypatch.setattr(resource, "prlimit", prlimit)
    with pytest.raises(KernelError) as caught:
        rlimit.memlock(7)
    assert (caught.value.call, caught.value.name) == ("prlimit of process 7", "ENOSYS")


def test_a_text_without_the_line_is_no_answer(refused, monkeypatch):
    assert rlimit.parse_limits(b"Max processes 1 1 processes\n") is None
    monkeypatch.setattr(procfs, "read", lambda path: b"")
    with pytest.raises(KernelError) as caught:
        rlimit.memlock(7)
    assert caught.value.name == "ENODATA"


def test_another_process_gets_a_limit(child):
    rlimit.set_memlock(child.pid, 0, 4096)
    assert rlimit.memlock(child.pid) == (0, 4096)
    assert rlimit.parse_limits(procfs.read(f"/proc/{child.pid}/limits")) == (0, 4096)


def test_unlimited_is_what_this_python_calls_infinity(monkeypatch):
    calls = []
    monkeypatch.setattr(resource, "RLIM_INFINITY", 2**64 - 1)
    monkeypatch.setattr(resource, "prlimit", lambda *args: calls.append(args))
    rlimit.set_memlock(7, 5, rlimit.UNLIMITED)
    assert calls == [(7, resource.RLIMIT_MEMLOCK, (5, 2**64 - 1))]


def test_a_limit_is_refused_with_the_errno_of_the_kernel(child, refused):
    with pytest.raises(Denied) as caught:
        rlimit.set_memlock(child.pid, 0, 0)
    assert caught.value.call == f"prlimit of process {child.pid}"


def test_the_real_kernel_refuses_soft_above_hard(child):
    with pytest.raises(KernelError) as caught:
        rlimit.set_memlock(child.pid, 2, 1)
    assert caught.value.name == "EINVAL"


def test_nobody_sets_the_limit_of_a_process_that_is_gone(child):
    child.stdin.close()
    child.wait()
    with pytest.raises(Vanished):
        rlimit.set_memlock(child.pid, 0, 0)
