# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import signal

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import netns, procfs, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error


@pytest.fixture
def here(monkeypatch, no_leaks):
    """Let the initial namespace be this one; returns what a read answers, path -> text or errno."""
    texts = {}

    def read(path):
        if isinstance(texts[path], int):
            raise kernel_error(f"open {path}", texts[path])
        return texts[path]

    monkeypatch.setattr(netns, "INITIAL", "/proc/self/ns/net")
    monkeypatch.setattr(syscall, "setns", lambda fd, kind: None)
    monkeypatch.setattr(procfs, "read", read)
    return texts


def test_each_path_has_its_content_or_its_error(here):
    here.update({"/a": b"1\n", "/b": errno.ENOENT, "/c": b"x" * 70000})
    assert netns.read_initial(["/a", "/b"]) == {"/a": b"1\n", "/b": errno.ENOENT}
    assert netns.read_initial([]) == {}


def test_the_namespace_is_entered_by_the_child_alone(here, monkeypatch):
    here["/a"] = b"1\n"
    entered = []
    monkeypatch.setattr(syscall, "setns", lambda fd, kind: entered.append(kind))
    assert netns.read_initial(["/a"]) == {"/a": b"1\n"} and entered == []


def test_who_may_not_enter_gets_the_error_for_every_path(here, monkeypatch):
    def refuse(fd, kind):
        raise kernel_error("setns", errno.EPERM)

    monkeypatch.setattr(syscall, "setns", refuse)
    assert netns.read_initial(["/a", "/b"]) == {"/a": errno.EPERM, "/b": errno.EPERM}
    monkeypatch.setattr(netns, "INITIAL", "/proc/nothing")
    assert netns.read_initial(["/a"]) == {"/a": errno.ENOENT}


def test_a_child_that_is_killed_is_a_refusal(here, monkeypatch):
    monkeypatch.setattr(syscall, "setns", lambda fd, kind: os.kill(os.getpid(), signal.SIGKILL))
    assert netns.read_initial(["/a"]) == {"/a": errno.EPERM}


def test_a_child_that_breaks_ends_and_is_a_refusal(here, monkeypatch):
    def fall(fd, kind):
        raise MemoryError

    monkeypatch.setattr(syscall, "setns", fall)
    assert netns.read_initial(["/a"]) == {"/a": errno.EPERM}
