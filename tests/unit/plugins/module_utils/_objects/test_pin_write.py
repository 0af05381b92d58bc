# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, pin, pin_write


@pytest.fixture
def fd(kernel):
    kernel.add_map(3)
    with ids.open_id(ids.MAP, 3) as opened:
        yield opened


def test_pinned_and_unpinned(bpffs, fd):
    path = bpffs.root + b"/bpf/a"
    pin_write.pin(fd, path)
    assert bpffs.listing() == {b"/bpf/a": ("map", 3)}
    with pytest.raises(KernelError) as caught:
        pin_write.pin(fd, path)
    assert (caught.value.call, caught.value.errno) == ("BPF_OBJ_PIN", errno.EEXIST)
    pin_write.unpin(path)
    assert bpffs.listing() == {}
    # somebody else was faster
    pin_write.unpin(path)
    os.mkdir(path)
    with pytest.raises(KernelError, match=r"unlink .*/bpf/a: "):
        pin_write.unpin(path)


def test_somebody_else_was_faster(bpffs, kernel, fd):
    path = bpffs.root + b"/bpf/a"
    assert pin_write.pin_new(fd, path) is True
    kernel.add_map(4)
    with ids.open_id(ids.MAP, 4) as other:
        assert pin_write.pin_new(other, path) is False
    assert bpffs.listing() == {b"/bpf/a": ("map", 3)}
    bpffs.pin_errno = errno.EPERM
    with pytest.raises(Denied):
        pin_write.pin_new(fd, bpffs.root + b"/bpf/b")


def test_a_long_path_is_given_whole(bpffs, fd):
    path = bpffs.root + b"/bpf/" + b"x" * 250
    pin_write.pin(fd, path)
    assert bpffs.listing() == {b"/bpf/" + b"x" * 250: ("map", 3)}


def test_outside_of_a_bpffs(bpffs, fd):
    with pytest.raises(Denied) as caught:
        pin_write.pin(fd, bpffs.root + b"/a")
    assert "not on a BPF file system" in caught.value.hint


def test_replaced_in_one_step_with_mode_and_owner(bpffs, kernel, fd, monkeypatch):
    bpffs.add(b"/bpf/a", kernel.add_map(4))
    os.chmod(bpffs.root + b"/bpf/a", 0o640)
    real, seen = os.rename, []

    def rename(source, target):
        seen.append((bpffs.listing()[b"/bpf/a"], len(bpffs.listing())))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    pin_write.replace(fd, pin.read_path(bpffs.root + b"/bpf/a"))
    assert seen == [(("map", 4), 2)] and bpffs.listing() == {b"/bpf/a": ("map", 3)}
    found = pin.read_path(bpffs.root + b"/bpf/a")
    assert found.stat.st_mode & 0o7777 == 0o640 and found.stat.st_uid == os.getuid()


def test_what_a_killed_run_has_left_is_cleared_up(bpffs, kernel, fd):
    bpffs.add(b"/bpf/a", kernel.add_map(4))
    old = pin.read_path(bpffs.root + b"/bpf/a")
    beside = pin_write._beside(old.path)[len(bpffs.root) :]
    # the first process is there, the second cannot be, the third name is no number
    for ending in (b"1", b"%d" % (1 << 30), b"x"):
        bpffs.add(beside + ending, kernel.add_map())
    pin_write.replace(fd, old)
    assert set(bpffs.listing()) == {b"/bpf/a", beside + b"1", beside + b"x"}
    assert bpffs.listing()[b"/bpf/a"] == ("map", 3)
    assert b"." not in os.path.basename(pin_write._beside(b"/bpf/" + b"x" * 255))


@pytest.mark.parametrize("name", ["rename", "chmod", "chown"])
def test_a_replacement_that_fails_leaves_the_old_pin_alone(bpffs, kernel, fd, monkeypatch, name):
    bpffs.add(b"/bpf/a", kernel.add_map(4))
    old = pin.read_path(bpffs.root + b"/bpf/a")

    def refuse(*_args):
        raise PermissionError(errno.EPERM, "no")

    monkeypatch.setattr(os, name, refuse)
    with pytest.raises(Denied, match=r"replace .*/bpf/a"):
        pin_write.replace(fd, old)
    assert bpffs.listing() == {b"/bpf/a": ("map", 4)}


def test_directories(bpffs):
    path = bpffs.root + b"/bpf/dir"
    pin_write.make_directory(path)
    pin_write.make_directory(path)
    assert os.path.isdir(path)
    with pytest.raises(KernelError, match=r"mkdir .*/none/x: .*ENOENT"):
        pin_write.make_directory(bpffs.root + b"/bpf/none/x")
    os.rmdir(path)


def test_a_leftover_that_cannot_be_removed(bpffs, kernel, fd):
    bpffs.add(b"/bpf/a", kernel.add_map(4))
    old = pin.read_path(bpffs.root + b"/bpf/a")
    os.mkdir(pin_write._beside(old.path) + b"%d" % (1 << 30))
    with pytest.raises(KernelError, match=r"unlink .*ebpf_fleet_"):
        pin_write.replace(fd, old)
    with pytest.raises(KernelError, match=r"list .*/none: .*ENOENT"):
        pin_write._clear_up(bpffs.root + b"/none/a")
