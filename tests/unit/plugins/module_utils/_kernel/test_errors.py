# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import denial, errors


@pytest.mark.parametrize(
    ("number", "name"),
    [(errno.EPERM, "EPERM"), (errno.EBADFD, "EBADFD"), (524, "ENOTSUPP"), (0, "errno 0"), (4000, "errno 4000")],
)
def test_every_errno_has_a_name(number, name):
    assert errors.errno_name(number) == name
    assert errors.reason(OSError(number, "x")) == name


def test_an_error_without_errno_has_a_reason_too():
    assert errors.reason(OSError("no number")) == "errno 0"


def test_the_text_is_the_libc_s_but_for_524():
    assert errors.errno_text(errno.ENODEV) == os.strerror(errno.ENODEV)
    assert errors.errno_text(524) == "Operation is not supported by the kernel"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EPERM, errors.Denied),
        (errno.EACCES, errors.Denied),
        (errno.ENOENT, errors.Vanished),
        (errno.ENOSYS, errors.NotSupported),
        (errno.EOPNOTSUPP, errors.NotSupported),
        (524, errors.NotSupported),
        (errno.EINVAL, errors.KernelError),
        (errno.EBADFD, errors.KernelError),
        (errno.ENODEV, errors.KernelError),
    ],
)
def test_an_errno_chooses_the_class(number, kind):
    error = errors.kernel_error("BPF_OBJ_GET", number)
    assert error.__class__ is kind
    assert isinstance(error, OSError)
    assert (error.call, error.errno, error.name) == ("BPF_OBJ_GET", number, errors.errno_name(number))


def test_the_text_of_an_error_names_call_cause_and_errno():
    assert str(errors.kernel_error("BPF_MAP_FREEZE", 524)) == (
        "BPF_MAP_FREEZE: Operation is not supported by the kernel (ENOTSUPP)"
    )
    assert str(errors.kernel_error("BPF_OBJ_GET", errno.ENOENT)).endswith("No such file or directory (ENOENT)")


def test_the_hint_is_asked_for_only_when_wanted(monkeypatch):
    asked = []

    def hint(call, number):
        asked.append((call, number))
        return "run with become"

    monkeypatch.setattr(denial, "hint", hint)
    error = errors.kernel_error("BPF_PROG_GET_NEXT_ID", errno.EPERM)
    str(error)
    assert asked == []
    assert error.hint == "run with become"
    assert asked == [("BPF_PROG_GET_NEXT_ID", errno.EPERM)]
