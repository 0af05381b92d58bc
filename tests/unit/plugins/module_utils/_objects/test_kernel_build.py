# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import kernel_build


def test_two_kernels_of_one_name(monkeypatch):
    def build(notes, version):
        monkeypatch.setattr(procfs, "read", {"/sys/kernel/notes": notes, "/proc/version": version}.__getitem__)
        return kernel_build.read()

    first = build(b"GNU\0id 1", b"Linux 6.18 #1")
    assert len(first) == 64 and first == build(b"GNU\0id 1", b"Linux 6.18 #1")
    assert first != build(b"GNU\0id 2", b"Linux 6.18 #1")
    assert first != build(b"GNU\0id 1", b"Linux 6.18 #2")
    assert build(b"ab", b"c") != build(b"a", b"bc")


def test_a_kernel_that_tells_no_notes(monkeypatch):
    def refused(path):
        raise kernel_error(f"open {path}", errno.ENOENT)

    monkeypatch.setattr(procfs, "read", refused)
    with pytest.raises(KernelError):
        kernel_build.read()
