# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kconfig, sysctl_file
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl, sysctl_write
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl import Value

HARDEN = sysctl.JIT_HARDEN


@pytest.fixture
def door(monkeypatch):
    """Let the door refuse with an errno, 0 for not at all."""
    answer = {"number": 0}

    def write(path, value):
        answer["written"] = path, value
        if answer["number"]:
            raise kernel_error(f"write {path}", answer["number"])

    def refusal(path):
        return kernel_error(f"write {path}", answer["number"]) if answer["number"] else None

    monkeypatch.setattr(sysctl_file, "write", write)
    monkeypatch.setattr(sysctl_file, "refusal", refusal)
    return answer


def test_a_setting_is_its_file(door):
    sysctl_write.write(HARDEN, 2)
    assert door["written"] == ("/proc/sys/net/core/bpf_jit_harden", 2)


@pytest.mark.parametrize(
    ("name", "value", "number", "words"),
    [
        (HARDEN, 2, errno.EROFS, "This mount of /proc/sys is read-only"),
        (HARDEN, 2, errno.EINVAL, "does not take that value"),
        (sysctl.JIT_ENABLE, 0, errno.EINVAL, "CONFIG_BPF_JIT_ALWAYS_ON"),
        (sysctl.JIT_LIMIT, 2**40, errno.EINVAL, "largest limit"),
        (sysctl.UNPRIVILEGED, 2, errno.EINVAL, "before Linux 5.13"),
        (sysctl.JIT_ENABLE, 2, errno.EPERM, "kernel.kptr_restrict below 2"),
        (sysctl.JIT_LIMIT, 5, errno.EACCES, "run with become"),
    ],
)
def test_an_error_tells_the_cause(door, name, value, number, words):
    door["number"] = number
    with pytest.raises(sysctl_write.Unwritable) as caught:
        sysctl_write.write(name, value)
    assert words in caught.value.hint and caught.value.errno == number


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Value(None, sysctl.UNSUPPORTED, False), "This kernel does not have it"),
        (Value(None, sysctl.NO_PROC_SYS, False), "There is no /proc/sys here"),
        (Value(None, sysctl.OTHER_NAMESPACE, False), "only in the initial network namespace"),
        (Value(1, None, True), "only in the initial network namespace"),
    ],
)
def test_what_is_not_here_cannot_be_written_here(door, found, words):
    error = sysctl_write.refusal(HARDEN, 1, found)
    assert error.errno == errno.ENOENT and words in error.hint and "runtime" in error.hint


def test_what_is_here_is_asked_for(door):
    assert sysctl_write.refusal(HARDEN, 1, Value(0, None, False)) is None
    door["number"] = errno.EROFS
    assert "read-only" in sysctl_write.refusal(HARDEN, 1, Value(0, None, False)).hint
    door["number"] = errno.EACCES
    assert sysctl_write.refusal(HARDEN, 1, Value(None, "EACCES", False)).errno == errno.EACCES


@pytest.mark.parametrize(("option", "answer"), [("y", True), ("", False), (None, None)])
def test_whether_the_kernel_has_no_interpreter(monkeypatch, option, answer):
    monkeypatch.setattr(kconfig, "option", lambda name: option)
    assert sysctl_write.always_on() is answer
