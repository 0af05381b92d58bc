# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import sysctl_file
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, Vanished


def test_a_number_is_written_in_one_call_without_making_a_file(tmp_path, monkeypatch):
    path = tmp_path / "setting"
    path.write_text("0\n")
    calls = []
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: calls.append(data) or real(fd, data))
    sysctl_file.write(str(path), -12)
    assert calls == [b"-12\n"] and path.read_text() == "-12\n"
    with pytest.raises(Vanished) as caught:
        sysctl_file.write(str(tmp_path / "nothing"), 1)
    assert caught.value.call == f"write {tmp_path}/nothing" and os.listdir(str(tmp_path)) == ["setting"]


def test_what_the_kernel_refuses_is_an_error_and_leaves_no_descriptor(tmp_path, monkeypatch, no_leaks):
    path = tmp_path / "setting"
    path.touch()

    def refuse(fd, data):
        raise OSError(errno.EINVAL, "no")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(KernelError) as caught:
        sysctl_file.write(str(path), 1)
    assert caught.value.errno == errno.EINVAL


def test_what_can_be_written_is_not_refused_and_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "setting"
    path.touch()
    monkeypatch.setattr(os, "open", None)
    assert sysctl_file.refusal(str(path)) is None
    assert sysctl_file.refusal(str(tmp_path / "nothing")).errno == errno.ENOENT


@pytest.mark.parametrize(("flag", "number"), [(os.ST_RDONLY, errno.EROFS), (0, errno.EACCES)])
def test_why_a_file_cannot_be_written(tmp_path, monkeypatch, flag, number):
    monkeypatch.setattr(os, "access", lambda path, mode, **how: False)
    monkeypatch.setattr(os, "statvfs", lambda path: type("Answer", (), {"f_flag": flag}))
    assert sysctl_file.refusal(str(tmp_path)).errno == number
