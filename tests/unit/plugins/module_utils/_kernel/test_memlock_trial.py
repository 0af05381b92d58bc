# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import resource

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import memlock_trial, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands


def install(monkeypatch, answer):
    """Put a kernel into the door that answers by the limit of its caller; the result is a descriptor or an errno."""

    def bpf(cmd, _attr, _size):
        assert cmd == commands.BPF_MAP_CREATE
        number = answer(resource.getrlimit(resource.RLIMIT_MEMLOCK)[0])
        if number:
            raise kernel_error("BPF_MAP_CREATE", number)
        return os.open("/dev/null", os.O_RDONLY)

    monkeypatch.setattr(syscall, "bpf", bpf)


@pytest.mark.parametrize(
    ("answer", "charges"),
    [(lambda soft: 0, False), (lambda soft: 0 if soft else errno.EPERM, True)],
    ids=["free", "charged"],
)
def test_the_kernel_tells_by_what_it_does(monkeypatch, no_leaks, answer, charges):
    install(monkeypatch, answer)
    before = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    assert memlock_trial.charges() is charges
    assert resource.getrlimit(resource.RLIMIT_MEMLOCK) == before


def test_who_may_make_no_map_cannot_tell(monkeypatch):
    install(monkeypatch, lambda soft: errno.EPERM)
    with pytest.raises(Denied) as caught:
        memlock_trial.charges()
    assert caught.value.call == "BPF_MAP_CREATE"


def test_another_error_without_a_limit_is_no_charge(monkeypatch):
    install(monkeypatch, lambda soft: 0 if soft else errno.ENOMEM)
    with pytest.raises(KernelError) as caught:
        memlock_trial.charges()
    assert caught.value.name == "ENOMEM"


def test_a_child_that_dies_is_no_answer(monkeypatch, no_leaks):
    install(monkeypatch, lambda soft: os._exit(9))
    with pytest.raises(KernelError) as caught:
        memlock_trial.charges()
    assert caught.value.name == "ECHILD"


def test_a_child_that_stumbles_never_comes_back(monkeypatch):
    install(monkeypatch, lambda soft: 1 // 0)
    own = os.getpid()
    with pytest.raises(KernelError):
        memlock_trial.charges()
    assert os.getpid() == own
