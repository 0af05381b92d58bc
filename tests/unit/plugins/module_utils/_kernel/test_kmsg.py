# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kmsg
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError


class FakeLog:
    """Stands for os in the door: reads hand out records, or raise an errno."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.closed = []

    def __getattr__(self, name):
        return getattr(os, name)

    def open(self, path, flags):
        assert flags & os.O_NONBLOCK and not flags & (os.O_WRONLY | os.O_RDWR)
        return 99

    def lseek(self, fd, offset, whence):
        self.place = (fd, offset, whence)

    def read(self, fd, size):
        assert fd == 99 and size >= 8192
        answer = self.answers.pop(0)
        if isinstance(answer, int):
            raise OSError(answer, os.strerror(answer))
        return answer

    def close(self, fd):
        self.closed.append(fd)


@pytest.fixture
def log(monkeypatch):
    def install(*answers):
        fake = FakeLog(*answers)
        monkeypatch.setattr(kmsg, "os", fake)
        return fake

    return install


def test_records(log):
    fake = log(
        b"6,339,5140900,-;NET: Registered\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP\n",
        b"3,340,5690716,-,caller=T20583;JIT code: 00000000: c3; c9\n",
        errno.EAGAIN,
    )
    assert list(kmsg.records()) == [
        kmsg.Line(339, 5.1409, None, b"NET: Registered"),
        kmsg.Line(340, 5.690716, "T20583", b"JIT code: 00000000: c3; c9"),
    ]
    assert (fake.place, fake.closed) == ((99, 0, os.SEEK_DATA), [99])


def test_records_that_were_overwritten(log):
    log(b"6,7,1,-;a\n", errno.EPIPE, b"6,20,2,-;b\n", b"")
    assert [(line.number, line.text) for line in kmsg.records()] == [(7, b"a"), (8, None), (20, b"b")]


def test_an_error(log):
    fake = log(errno.EPERM)
    with pytest.raises(KernelError) as caught:
        list(kmsg.records())
    assert (caught.value.call, caught.value.name, fake.closed) == ("read /dev/kmsg", "EPERM", [99])


def test_no_log(monkeypatch, tmp_path):
    monkeypatch.setattr(kmsg, "PATH", str(tmp_path / "kmsg"))
    with pytest.raises(KernelError) as caught:
        list(kmsg.records())
    assert caught.value.name == "ENOENT"


def test_lines_of_a_file(tmp_path, no_leaks):
    path = tmp_path / "log"
    path.write_bytes(b"a\n" + b"x" * 10000 + b"JIT code: 0\nlast \xff")
    lines = list(kmsg.file_lines(str(path)))
    assert [(line.number, line.text[:6], len(line.text)) for line in lines] == [
        (1, b"a\n", 2), (2, b"xxxxxx", 4096), (3, b"last \xff", 6),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [("pipe", "EINVAL"), ("folder", "EISDIR"), ("nothing", "ENOENT")])
def test_what_is_no_file(tmp_path, kind, name, no_leaks):
    path = tmp_path / "log"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(KernelError) as caught:
        list(kmsg.file_lines(str(path)))
    assert caught.value.name == name
