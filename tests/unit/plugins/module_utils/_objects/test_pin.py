# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, Vanished, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, pin
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_flags

GET = commands.BPF_OBJ_GET


def test_every_kind_of_object(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_program(30, name=b"one"))
    bpffs.add(b"/bpf/dir/b", kernel.add_map(40))
    bpffs.add(b"/bpf/dir/c", kernel.add_link(50, type=6, ifindex=2))
    bpffs.add(b"/bpf/z", kernel.add_btf(60))
    pins = pin.scan()
    assert bpffs.paths(pins) == [b"/bpf/a", b"/bpf/dir/b", b"/bpf/dir/c", b"/bpf/z"]
    assert [(one.kind, one.id) for one in pins] == [("prog", 30), ("map", 40), ("link", 50), ("btf", 60)]
    assert {one.mount for one in pins} == {bpffs.root + b"/bpf"}
    assert all(one.error is None and one.stat.st_uid == os.getuid() for one in pins)


def test_maps_are_opened_read_only_and_links_by_a_second_try(bpffs, kernel):
    bpffs.add(b"/bpf/map", kernel.add_map())
    pin.scan()
    assert [struct.unpack_from("=I", call.attr, 12)[0] for call in kernel.calls if call.cmd == GET] == [
        map_flags.F_RDONLY
    ]
    kernel.calls.clear()
    bpffs.add(b"/bpf/map", kernel.add_link(type=6))
    pin.scan()
    assert [struct.unpack_from("=I", call.attr, 12)[0] for call in kernel.calls if call.cmd == GET] == [
        map_flags.F_RDONLY,
        0,
    ]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOENT, errno.EMFILE])
def test_what_cannot_be_opened_is_a_pin_with_its_error(bpffs, kernel, number):
    """ENOENT too while the file is there: so answer the iterators that the kernel preloads."""
    bpffs.add(b"/bpf/maps.debug", number)
    bpffs.add(b"/bpf/ours", kernel.add_map(7))
    refused, ours = pin.scan()
    assert (refused.kind, refused.id, refused.error.errno) == (None, None, number)
    assert ours.id == 7


def test_what_was_unpinned_meanwhile_is_left_out(bpffs, kernel):
    bpffs.add(b"/bpf/gone", kernel.add_map())
    bpffs.add(b"/bpf/here", kernel.add_map(9))

    def unpin(_call):
        kernel.pins.pop(bpffs.root + b"/bpf/gone", None)
        if os.path.lexists(bpffs.root + b"/bpf/gone"):
            os.unlink(bpffs.root + b"/bpf/gone")

    kernel.before(GET, unpin)
    assert bpffs.paths(pin.scan()) == [b"/bpf/here"]


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EPERM])
def test_an_object_that_cannot_be_read_is_still_what_is_pinned(bpffs, kernel, number):
    bpffs.add(b"/bpf/p", kernel.add_program(30)).info_errno = number
    (found,) = pin.scan()
    assert (found.kind, found.error) == ("prog", None)
    assert found.object.error.errno == number
    assert pin.paths([found]) == {}


def test_a_file_that_holds_no_object(bpffs, kernel, monkeypatch):
    """An iterator's pin opens, but is none of the kinds."""
    bpffs.add(b"/bpf/iter", kernel.add_link(type=4))
    monkeypatch.setattr(pin, "kind_of", lambda _fd: None)
    (found,) = pin.scan()
    assert (found.kind, found.object, found.error) == (None, None, None)


def test_a_reading_that_fails_by_procfs_is_the_pin_s_error(bpffs, kernel, monkeypatch):
    def kind_of(_fd):
        raise OSError(errno.EACCES, "no")

    bpffs.add(b"/bpf/a", kernel.add_map())
    monkeypatch.setattr(pin, "kind_of", kind_of)
    (found,) = pin.scan()
    assert (found.error.call, found.error.name) == ("read pinned object", "EACCES")


def test_a_folder_that_may_not_be_looked_into(bpffs, kernel, monkeypatch):
    bpffs.add(b"/bpf/dir/a", kernel.add_map())
    real = os.scandir

    def scandir(path):
        if path.endswith(b"/dir"):
            raise PermissionError(errno.EACCES, "no")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (found,) = pin.scan()
    assert bpffs.paths([found]) == [b"/bpf/dir"]
    assert isinstance(found.error, Denied)
    assert kernel.count(GET) == 0


def test_only_what_lies_at_or_below_the_tops(bpffs, kernel):
    for path in (b"/bpf/a/x", b"/bpf/a/y/z", b"/bpf/ab", b"/bpf/b"):
        bpffs.add(path, kernel.add_map())

    def below(*tops):
        return bpffs.paths(pin.scan([bpffs.root + top for top in tops]))

    assert below(b"/bpf/a") == [b"/bpf/a/x", b"/bpf/a/y/z"]
    assert below(b"/bpf/a/") == [b"/bpf/a/x", b"/bpf/a/y/z"]
    assert below(b"/bpf/b", b"/bpf/a/y") == [b"/bpf/a/y/z", b"/bpf/b"]
    assert below(b"/bpf/nothing") == []
    assert pin.scan([]) == []


def test_a_mount_that_is_seen_twice_counts_once(bpffs, kernel):
    bpffs.mounts.append(b"/bpf")
    bpffs.add(b"/bpf/a", kernel.add_map())
    assert len(pin.scan()) == 1


def test_hostile_paths(bpffs, kernel):
    path = b"/bpf/\xff\n\x1b[31m'\" $(x)"
    bpffs.add(path, kernel.add_map(5))
    (found,) = pin.scan()
    assert (bpffs.paths([found]), found.id) == ([path], 5)


@pytest.mark.parametrize("length", [1, 100, 240])
def test_paths_of_any_length_reach_the_kernel_whole(bpffs, kernel, length):
    path = b"/bpf/" + b"d" * length + b"/" + b"f" * length
    bpffs.add(path, kernel.add_map(5))
    with pin.open_path(bpffs.root + path) as fd:
        assert kernel.object_of(fd.number).id == 5


def test_opening_a_path(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_program(3))
    with pin.open_path(bpffs.root + b"/bpf/a") as fd:
        assert pin.kind_of(fd.number) == "prog"
    with pytest.raises(Vanished):
        pin.open_path(bpffs.root + b"/bpf/b")
    with open("/dev/null", "rb") as other:
        assert pin.kind_of(other.fileno()) is None


def test_paths_of_objects(bpffs, kernel):
    shared = kernel.add_map(5)
    bpffs.add(b"/bpf/b", shared)
    bpffs.add(b"/bpf/a", shared)
    bpffs.add(b"/bpf/c", kernel.add_program(5))
    bpffs.add(b"/bpf/d", errno.EACCES)
    assert pin.paths(pin.scan()) == {
        ("map", 5): [bpffs.root + b"/bpf/a", bpffs.root + b"/bpf/b"],
        ("prog", 5): [bpffs.root + b"/bpf/c"],
    }


def test_mounts_that_cannot_be_listed_are_an_error(kernel, monkeypatch):
    def read(path):
        raise kernel_error(f"open {path}", errno.EACCES)

    monkeypatch.setattr(procfs, "read", read)
    with pytest.raises(Denied):
        pin.scan()


def test_one_reader_serves_all_pins_of_a_kind(bpffs, kernel):
    for number in range(10):
        bpffs.add(b"/bpf/%d" % number, kernel.add_map())
    pin.scan()
    assert kernel.count(commands.BPF_OBJ_GET_INFO_BY_FD) == 11


def test_an_error_keeps_no_reader_and_so_no_descriptor(bpffs, kernel):
    """The fixture of the kernel compares the descriptors; here for errors that outlive their scan."""
    bpffs.add(b"/bpf/a", errno.EACCES)
    bpffs.add(b"/bpf/b", kernel.add_program())
    pins = pin.scan()
    assert pins[0].error.__traceback__ is None


def test_a_path_on_a_bpffs_and_one_beside_it(bpffs, kernel, monkeypatch):
    devices = {bpffs.root + b"/bpf": 31, bpffs.root + b"/bpf/a": 31, b"/etc/passwd": 8}

    class Stat:
        def __init__(self, device):
            self.st_dev = device

    def stat(path):
        if path not in devices:
            raise FileNotFoundError(errno.ENOENT, "no")
        return Stat(devices[path])

    monkeypatch.setattr(os, "stat", stat)
    assert pin.is_in_bpffs(bpffs.root + b"/bpf/a")
    assert not pin.is_in_bpffs(b"/etc/passwd")
    assert pin.is_in_bpffs(b"/nothing")


def test_ids_are_those_behind_the_pin(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_program(3))
    assert list(ids.walk(ids.PROG)) == [3]
    assert pin.scan()[0].id == 3


def test_a_pin_is_opened_for_writing_where_that_is_asked_for(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(3))
    with pin.open_path(bpffs.root + b"/bpf/a", 0):
        assert struct.unpack_from("=I", kernel.calls[-1].attr, 12)[0] == 0
    kernel.fault(GET, errno.EINVAL)
    kernel.calls.clear()
    with pytest.raises(pin.errors.KernelError):
        pin.open_path(bpffs.root + b"/bpf/a", 0)
    assert len(kernel.calls) == 1


def test_one_path_is_read_alone(bpffs, kernel):
    bpffs.add(b"/bpf/a", kernel.add_map(3))
    bpffs.add(b"/bpf/b", kernel.add_map(4))
    found = pin.read_path(bpffs.root + b"/bpf/a")
    assert (found.kind, found.id, found.mount, found.error) == ("map", 3, bpffs.root + b"/bpf", None)
    assert kernel.count(GET) == 1
    assert pin.read_path(bpffs.root + b"/bpf/c") is None
    with pytest.raises(pin.errors.KernelError, match=r"stat .*/bpf/a/x: .*ENOTDIR"):
        pin.read_path(bpffs.root + b"/bpf/a/x")


def test_directories_and_links_are_told_and_not_opened(bpffs, kernel):
    bpffs.add(b"/bpf/dir/a", kernel.add_map(3))
    os.symlink(b"dir/a", bpffs.root + b"/bpf/link")
    for path in (b"/bpf/dir", b"/bpf/link"):
        found = pin.read_path(bpffs.root + path)
        assert (found.kind, found.error) == (None, None) and not pin.stat.S_ISREG(found.stat.st_mode)
    assert kernel.count(GET) == 0


def test_a_name_that_a_bpffs_does_not_look_for_is_not_there(bpffs, monkeypatch):
    real = os.lstat

    def lstat(path, **options):
        if path == bpffs.root + b"/bpf/a.b":
            raise PermissionError(errno.EPERM, "no")
        return real(path, **options)

    monkeypatch.setattr(os, "lstat", lstat)
    assert pin.read_path(bpffs.root + b"/bpf/a.b") is None


def test_a_pin_that_there_would_be(kernel):
    kernel.add_map(3, name=b"one")
    with ids.open_id(ids.MAP, 3) as fd:
        found = pin.planned(b"/bpf/x", b"/bpf", fd.number)
    assert (found.path, found.mount, found.kind, found.id, found.stat) == (b"/bpf/x", b"/bpf", "map", 3, None)
