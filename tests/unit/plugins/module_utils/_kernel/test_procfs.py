# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import mmap
import os
import select
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError, Vanished


def test_a_file_without_a_size_is_read_to_its_end(no_leaks):
    with open("/proc/self/mountinfo", "rb") as handle:
        assert procfs.read("/proc/self/mountinfo") == handle.read()
    assert os.stat("/proc/self/mountinfo").st_size == 0


def test_short_reads_are_put_together(monkeypatch, no_leaks):
    chunks = [b"a" * 10, b"b", b"c" * 65536, b""]
    monkeypatch.setattr(os, "read", lambda _fd, size: chunks.pop(0))
    assert procfs.read("/dev/null") == b"a" * 10 + b"b" + b"c" * 65536


def test_a_missing_file_is_vanished():
    with pytest.raises(Vanished) as caught:
        procfs.read("/proc/self/nothing")
    assert caught.value.call == "open /proc/self/nothing"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("number", "kind"), [(errno.EPERM, Denied), (errno.EACCES, Denied), (errno.EIO, KernelError)])
def test_a_refused_read_names_the_path_and_closes(monkeypatch, no_leaks, number, kind):
    def read(_fd, _size):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(kind) as caught:
        procfs.read("/dev/null")
    assert (caught.value.call, caught.value.errno) == ("read /dev/null", number)


def test_listing_a_directory():
    assert str(os.getpid()) in procfs.listdir("/proc")
    with pytest.raises(Vanished) as caught:
        procfs.listdir("/proc/nothing")
    assert caught.value.call == "list /proc/nothing"


def test_fdinfo_of_many_descriptors_through_one_directory(no_leaks):
    reader = procfs.FdInfo()
    with open("/dev/null", "rb") as one, open("/proc/self/stat", "rb", buffering=0) as other:
        other.read(3)
        assert b"pos:\t0\n" in reader.read(one.fileno())
        assert b"pos:\t3\n" in reader.read(other.fileno())


def test_descriptors_of_the_same_number_have_each_their_own_fdinfo(no_leaks, monkeypatch):
    reader = procfs.FdInfo()
    positions, numbers = [], set()
    with monkeypatch.context() as patch:
        opened = []
        real = os.open
        patch.setattr(os, "open", lambda path, *rest, **more: opened.append(path) or real(path, *rest, **more))
        for position in range(4):
            fd = real("/proc/self/stat", os.O_RDONLY)
            os.read(fd, position)
            numbers.add(fd)
            positions.append(reader.read(fd).split(b"\n")[0])
            os.close(fd)
    assert positions == [b"pos:\t0", b"pos:\t1", b"pos:\t2", b"pos:\t3"]
    assert len(numbers) == 1
    assert opened == [str(fd)]


def test_a_descriptor_that_was_closed_meanwhile_is_an_oserror(no_leaks):
    reader = procfs.FdInfo()
    fd = os.open("/dev/null", os.O_RDONLY)
    reader.read(fd)
    os.close(fd)
    with pytest.raises(FileNotFoundError):
        reader.read(fd)


def test_an_fdinfo_longer_than_a_page_is_read_whole(no_leaks):
    """An epoll descriptor has one line for every descriptor that it watches."""
    watched = [os.pipe() for _turn in range(200)]
    with select.epoll() as epoll:
        for pair in watched:
            epoll.register(pair[0])
        text = procfs.FdInfo().read(epoll.fileno())
        with open(f"/proc/self/fdinfo/{epoll.fileno()}", "rb") as handle:
            whole = handle.read()
    for pair in watched:
        os.close(pair[0])
        os.close(pair[1])
    assert len(text) > 4096
    assert text == whole


def test_an_fdinfo_that_is_gone_is_an_oserror(no_leaks):
    with pytest.raises(FileNotFoundError):
        procfs.FdInfo().read(999999)


def test_without_an_fdinfo_directory_the_reader_says_so(monkeypatch, no_leaks):
    def refuse(path, *_rest, **_options):
        raise OSError(errno.EMFILE, path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(KernelError) as caught:
            procfs.FdInfo()
    assert (caught.value.call, caught.value.errno) == ("open /proc/self/fdinfo", errno.EMFILE)


def test_the_boot_time_is_now_less_the_uptime():
    with open("/proc/uptime", encoding="ascii") as handle:
        uptime = float(handle.read().split()[0])
    assert abs(procfs.boot_time_ns() / 1e9 + uptime - time.time()) < 2


@pytest.fixture
def large(tmp_path):
    """A file of the size from which on mapping pays, and its content."""
    content = bytes(range(256)) * 4096 + b"end"
    path = tmp_path / "vmlinux"
    path.write_bytes(content)
    return str(path), content


def test_a_large_file_is_mapped_and_not_read(large, monkeypatch, no_leaks):
    path, content = large
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", None)
        assert procfs.read(path) == content
        found = procfs.load(path)
        assert (type(found), found.find(b"end")) == (mmap.mmap, len(content) - 3)
        found.close()


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO, errno.EINVAL])
def test_a_large_file_that_cannot_be_mapped_is_read(large, monkeypatch, no_leaks, number):
    """sysfs has no mmap for BTF before Linux 6.16."""
    path, content = large

    def refuse(*_args, **_options):
        raise OSError(number, "no")

    monkeypatch.setattr(mmap, "mmap", refuse)
    assert procfs.read(path) == content
