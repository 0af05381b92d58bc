# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import pwd
import resource

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs, rlimit
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import memlock


@pytest.fixture
def files(monkeypatch):
    """A fake procfs: path -> bytes or errno; anything else is missing."""
    texts: dict[str, bytes | int] = {}

    def read(path):
        text = texts.get(path, errno.ENOENT)
        if isinstance(text, int):
            raise kernel_error(f"open {path}", text)
        return text

    monkeypatch.setattr(procfs, "read", read)
    return texts


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0::/system.slice/falco.service\n", "falco.service"),
        ("0::/system.slice/falco.service/payload\n", "falco.service"),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n", "user@1000.service"),
        ("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-ab.scope\n", "cri-containerd-ab.scope"),
        ("9:name=systemd:/system.slice/old.service\n1:cpu:/\n0::/elsewhere\n", "old.service"),
        ("9:name=systemd:/\n0::/system.slice/a.service\n", None),
        ("0::/init.scope\n", "init.scope"),
        ("0::/\n", None),
        ("0::/../system.slice\n", None),
        ("4:memory:/docker/1234\n", None),
        ("", None),
    ],
)
def test_the_unit_is_told_by_the_cgroup(text, unit):
    assert memlock.parse_unit(text.encode()) == unit


def plant(files, pid, **texts):
    names = {
        "comm": b"agent\n",
        "cgroup": b"0::/system.slice/a.service\n",
        "status": b"Name:\tagent\nUid:\t0\t5\t5\t5\n",
    }
    files.update({f"/proc/{pid}/{name}": text for name, text in {**names, **texts}.items()})


def test_limits_are_sorted_and_tell_who_holds_them(files, monkeypatch):
    plant(files, 30)
    plant(files, 4, comm=b"b\xff\n", cgroup=b"0::/\n", status=b"Name:\tx\nUid:\t4294967290\t0\t0\t0\n")
    monkeypatch.setattr(rlimit, "memlock", {30: (65536, -1), 4: (-1, -1)}.get)
    assert memlock.limits([30, 4, 30]) == [
        memlock.Limit(4, "b\\xff", None, "4294967290", -1, -1, {}),
        memlock.Limit(30, "agent", "a.service", pwd.getpwuid(0).pw_name, 65536, -1, {}),
    ]


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
@pytest.mark.parametrize("gone", ["comm", "cgroup", "status"])
def test_a_process_that_ends_while_it_is_read_is_left_out(files, monkeypatch, gone, number):
    plant(files, 30, **{gone: number})
    plant(files, 31)
    monkeypatch.setattr(rlimit, "memlock", lambda pid: (1, 2))
    assert [limit.pid for limit in memlock.limits([30, 31])] == [31]


def test_what_is_refused_is_unknown_with_its_reason(files, monkeypatch):
    def refuse(pid):
        raise kernel_error("prlimit", errno.EPERM)

    plant(files, 30, cgroup=errno.EACCES)
    monkeypatch.setattr(rlimit, "memlock", refuse)
    (limit,) = memlock.limits([30])
    assert (limit.soft, limit.hard, limit.unit, limit.comm) == (None, None, None, "agent")
    assert limit.unavailable == {"soft": "EPERM", "hard": "EPERM", "unit": "EACCES"}


def test_the_real_limits_are_those_of_this_process():
    (limit,) = memlock.limits([os.getpid(), 2**22 + 1])
    own = tuple(
        -1 if value == resource.RLIM_INFINITY else value for value in resource.getrlimit(resource.RLIMIT_MEMLOCK)
    )
    with open("/proc/self/comm", encoding="utf-8") as handle:
        assert limit.comm == handle.read().rstrip("\n")
    assert (limit.pid, limit.soft, limit.hard, limit.unavailable) == (os.getpid(), *own, {})
