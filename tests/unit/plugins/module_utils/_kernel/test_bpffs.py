# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import bpffs, procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, Vanished
from ansible_collections.ebpf.fleet.tests.unit.support.fake_bpffs import FakeBpffs

MOUNTINFO = (
    b"24 30 0:22 / /proc rw,nosuid - proc proc rw\n"
    b"36 30 0:31 / /sys/fs/bpf rw,nosuid shared:9 master:1 - bpf bpf rw,mode=700\n"
    b"37 30 0:32 / /mnt/with\\040space\\011tab\\012line\\134back rw - bpf none rw,uid=5,delegate_cmds=0x20\n"
    b"38 30 0:33 / /mnt/bpf rw - tmpfs bpf rw\n"
    b"39 30 0:34 / /mnt/bare rw - bpf bpf\n"
)


def test_bpf_mounts_are_found_by_their_type():
    assert bpffs.parse_mounts(MOUNTINFO) == [
        (b"/sys/fs/bpf", b"rw,mode=700"),
        (b"/mnt/with space\ttab\nline\\back", b"rw,uid=5,delegate_cmds=0x20"),
        (b"/mnt/bare", b""),
    ]


def test_only_a_newline_ends_a_mount():
    """The kernel escapes blank, tab, newline and backslash; other control characters stand as they are."""
    line = b"40 30 0:35 / /mnt/a\rb\x0bc\x85d rw - bpf bpf rw\n"
    assert bpffs.parse_mounts(line) == [(b"/mnt/a\rb\x0bc\x85d", b"rw")]


def test_an_escaped_backslash_is_not_unescaped_twice():
    assert bpffs.parse_mounts(b"1 2 0:3 / /a\\134040b rw - bpf bpf rw\n") == [(b"/a\\040b", b"rw")]


@given(st.binary())
def test_no_mountinfo_breaks_the_parser(text):
    assert all(isinstance(point, bytes) for point, _options in bpffs.parse_mounts(text))


@given(st.binary(min_size=1).filter(lambda path: b"\0" not in path))
def test_every_path_survives_the_kernel_s_escapes(path):
    escaped = path.replace(b"\\", b"\\134").replace(b" ", b"\\040").replace(b"\t", b"\\011").replace(b"\n", b"\\012")
    assert bpffs.parse_mounts(b"1 2 0:3 / /" + escaped + b" rw - bpf bpf rw\n") == [(b"/" + path, b"rw")]


def test_the_mounts_are_those_of_this_process(monkeypatch):
    monkeypatch.setattr(procfs, "read", {"/proc/self/mountinfo": MOUNTINFO}.__getitem__)
    assert [point for point, _options in bpffs.mounts()] == [
        b"/sys/fs/bpf",
        b"/mnt/with space\ttab\nline\\back",
        b"/mnt/bare",
    ]


@pytest.fixture
def tree(tmp_path):
    """Files b, dir/a, dir/deep/c and a link; a folder without files."""
    (tmp_path / "dir" / "deep").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    for name in ("b", "dir/a", "dir/deep/c"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "link").symlink_to("dir")
    return os.fsencode(str(tmp_path))


def found(entries, tree):
    return [(entry.path[len(tree) :], entry.error and entry.error.name) for entry in entries]


def test_files_are_found_at_every_depth_and_links_are_not_followed(tree, no_leaks):
    os.chmod(tree + b"/dir/a", 0o640)
    entries = bpffs.walk(tree)
    assert found(entries, tree) == [(b"/b", None), (b"/dir/a", None), (b"/dir/deep/c", None)]
    assert stat.S_IMODE(entries[1].stat.st_mode) == 0o640


def test_hostile_names_are_kept_as_bytes(tree):
    name = b"/\xff\n\x1b[31m"
    with open(tree + name, "wb"):
        pass
    assert (name, None) in found(bpffs.walk(tree), tree)


class Scandir:
    """os.scandir, with an errno planted for a path."""

    def __init__(self, path, number):
        self._path = path
        self._number = number
        self._real = os.scandir

    def __call__(self, path):
        if path == self._path:
            raise OSError(self._number, os.strerror(self._number))
        return self._real(path)


def test_a_folder_that_vanished_is_left_out(tree, monkeypatch):
    monkeypatch.setattr(os, "scandir", Scandir(tree + b"/dir", errno.ENOENT))
    assert found(bpffs.walk(tree), tree) == [(b"/b", None)]
    assert bpffs.walk(tree + b"/nothing") == []


def test_a_folder_that_may_not_be_looked_into_is_an_entry_with_its_error(tree, monkeypatch):
    monkeypatch.setattr(os, "scandir", Scandir(tree + b"/dir/deep", errno.EACCES))
    entries = bpffs.walk(tree)
    assert found(entries, tree) == [(b"/b", None), (b"/dir/a", None), (b"/dir/deep", "EACCES")]
    assert entries[2].stat is None
    assert isinstance(entries[2].error, Denied)


class Lstat:
    """os.lstat, with an errno or another device planted for a path."""

    def __init__(self, path, number=0):
        self._path = path
        self._number = number
        self._real = os.lstat

    def __call__(self, path):
        found = self._real(path)
        if path != self._path:
            return found
        if self._number:
            raise OSError(self._number, os.strerror(self._number))
        return os.stat_result([*found[:2], found.st_dev + 1, *found[3:]])


def test_a_file_that_vanished_before_its_stat_is_left_out(tree, monkeypatch):
    monkeypatch.setattr(os, "lstat", Lstat(tree + b"/b", errno.ENOENT))
    assert found(bpffs.walk(tree), tree) == [(b"/dir/a", None), (b"/dir/deep/c", None)]


def test_a_file_whose_stat_is_refused_is_an_entry_with_its_error(tree, monkeypatch):
    monkeypatch.setattr(os, "lstat", Lstat(tree + b"/b", errno.EACCES))
    refused = bpffs.walk(tree)[0]
    assert (refused.path, refused.stat, refused.error.name) == (tree + b"/b", None, "EACCES")


@pytest.mark.parametrize(
    ("path", "left"), [(b"/dir", [b"/b"]), (b"/b", [b"/dir/a", b"/dir/deep/c"]), (b"/dir/deep", [b"/b", b"/dir/a"])]
)
def test_what_is_mounted_inside_is_no_part_of_it(tree, monkeypatch, path, left):
    monkeypatch.setattr(os, "lstat", Lstat(tree + path))
    assert found(bpffs.walk(tree), tree) == [(one, None) for one in left]


def test_a_single_pin_may_be_mounted(bpffs_tree):
    bpffs_tree.mounts = [b"/lbmap"]
    with open(bpffs_tree.root + b"/lbmap", "wb"):
        pass
    ((mount, entries),) = bpffs.walk_mounts()
    assert (mount, found(entries, mount)) == (bpffs_tree.root + b"/lbmap", [(b"", None)])
    assert stat.S_ISREG(entries[0].stat.st_mode)


@pytest.mark.parametrize("number", [0, errno.ENOENT, errno.EACCES])
def test_a_mount_that_another_covers_is_one_entry_that_may_not_be_looked_into(bpffs_tree, monkeypatch, number):
    """What covers the folder above it may have no such path at all."""
    for name in (b"/bpf/a", b"/other/b"):
        os.makedirs(os.path.dirname(bpffs_tree.root + name), exist_ok=True)
        with open(bpffs_tree.root + name, "wb"):
            pass
    bpffs_tree.mounts.append(b"/other")
    real = bpffs.device

    def device(path):
        if path == bpffs_tree.root + b"/bpf" and number:
            raise OSError(number, os.strerror(number))
        return b"0:99" if path == bpffs_tree.root + b"/bpf" else real(path)

    monkeypatch.setattr(bpffs, "device", device)
    (covered, below), (_other, entries) = bpffs.walk_mounts()
    assert found(below, covered) == [(b"", "EACCES")]
    assert isinstance(below[0].error, Denied)
    assert found(entries, bpffs_tree.root) == [(b"/other/b", None)]


def test_mounts_that_cannot_be_read_are_an_error(monkeypatch):
    def read(path):
        raise procfs.errors.kernel_error(f"open {path}", errno.ENOENT)

    monkeypatch.setattr(procfs, "read", read)
    with pytest.raises(Vanished):
        bpffs.mounts()


# ------------------------------------------------------------ places for pins


def test_devices_of_the_mounts():
    assert bpffs.parse_devices(MOUNTINFO) == {b"0:31", b"0:32", b"0:34"}


def test_a_path_is_on_the_file_system_of_the_nearest_directory(bpffs_tree):
    root = bpffs_tree.root
    os.makedirs(root + b"/bpf/a")
    for path, inside in ((b"/bpf", True), (b"/bpf/a/x/y", True), (b"/other/x", False), (b"", False)):
        assert bpffs.holds(root + path) is inside


def test_a_name_with_a_dot_is_not_even_looked_for(bpffs_tree, monkeypatch):
    real = bpffs.device

    def device(path):
        if b"." in os.path.basename(path):
            raise PermissionError(errno.EPERM, "no")
        return real(path)

    monkeypatch.setattr(bpffs, "device", device)
    assert bpffs.holds(bpffs_tree.root + b"/bpf/a.b")


def test_a_directory_that_cannot_be_looked_into(bpffs_tree, monkeypatch):
    def device(path):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(bpffs, "device", device)
    with pytest.raises(Denied, match="stat /a/b"):
        bpffs.holds(b"/a/b")


def test_the_mount_of_a_path_is_the_longest(bpffs_tree):
    bpffs_tree.mounts.append(b"/bpf/deep")
    root = bpffs_tree.root
    assert bpffs.mount_of(root + b"/bpf/deep/x") == root + b"/bpf/deep"
    assert bpffs.mount_of(root + b"/bpf/deeper") == root + b"/bpf"
    assert bpffs.mount_of(root + b"/bpfs/x") == b""


def test_it_is_mounted_for_root_alone(monkeypatch):
    calls = []
    monkeypatch.setattr(bpffs.syscall, "mount", lambda *args: calls.append(args))
    bpffs.mount(b"/sys/fs/bpf")
    assert calls == [(b"bpf", b"/sys/fs/bpf", b"bpf", 14, b"mode=700")]


@pytest.fixture
def bpffs_tree(tmp_path, kernel, monkeypatch):
    return FakeBpffs(tmp_path, kernel).install(monkeypatch)
