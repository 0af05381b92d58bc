# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import pin_place
from ansible_collections.ebpf.fleet.plugins.module_utils._module.pin_place import Place, Refusal


@pytest.fixture
def place(bpffs):
    """Makes a `Place` and plans it."""

    def make(path, mount=False, point=b"/bpf"):
        made = Place({"path": bpffs.text(path)})
        made.plan(mount, bpffs.text(point))
        return made

    return make


def test_a_free_place(bpffs, place):
    made = place(b"/bpf/a")
    assert (made.path, made.found, made.mount, made.directories) == (bpffs.root + b"/bpf/a", None, None, [])
    assert str(made) == bpffs.text(b"/bpf/a")


def test_directories_that_are_missing(bpffs, place):
    os.mkdir(bpffs.root + b"/bpf/x")
    made = place(b"/bpf/x/y/z/a")
    assert made.directories == [bpffs.root + b"/bpf/x/y", bpffs.root + b"/bpf/x/y/z"]
    assert made.state(False) == {"mounts": [], "directories": []}
    made.prepare()
    assert made.state(False) == made.state(True)
    assert set(bpffs.listing()) == {b"/bpf/x", b"/bpf/x/y", b"/bpf/x/y/z"}


def test_links_to_directories_are_followed_and_dots_are_gone(bpffs, place):
    os.mkdir(bpffs.root + b"/bpf/x")
    os.symlink(b"bpf/x", bpffs.root + b"/to")
    assert place(b"/to/../to/./a").path == bpffs.root + b"/bpf/x/a"


def test_what_is_there_already(bpffs, kernel, place):
    bpffs.add(b"/bpf/a", kernel.add_program(5, type=6, name=b"one"))
    made = place(b"/bpf/a")
    assert pin_place.identity(made.found) == ("prog", 5)
    assert pin_place.words(made.found) == "program 5 (xdp one)"
    (record,) = pin_place.brief(made.found)
    assert record == {"path": str(made), "kind": "prog", "id": 5, "type": "xdp", "name": "one", "tag": record["tag"]}


def test_a_pin_that_cannot_be_opened(bpffs, place):
    bpffs.add(b"/bpf/a", errno.EPERM)
    found = place(b"/bpf/a").found
    assert pin_place.identity(found) is None and "EPERM" in pin_place.words(found)
    assert pin_place.brief(found)[0]["id"] is None
    assert pin_place.brief(None) == [] and pin_place.identity(None) is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (b"/bpf/dir", "is a directory"),
        (b"/bpf/link", "is a symbolic link to a: name the pin that it leads to"),
        (b"/file", "is a file on another file system"),
        (b"/none/x", "is not on a BPF file system: choose a path below .*/bpf, or .* mount: true"),
        (b"/bpf/a.b", r"the name a\.b has a dot"),
        (b"/bpf/x.y/b", r"the name x\.y has a dot"),
    ],
)
def test_refusals(bpffs, place, path, words):
    os.mkdir(bpffs.root + b"/bpf/dir")
    os.symlink(b"a", bpffs.root + b"/bpf/link")
    with open(bpffs.root + b"/file", "wb"):
        pass
    with pytest.raises(Refusal, match=words):
        place(path)
    assert set(bpffs.listing()) <= {b"/bpf/dir", b"/bpf/link"}


def test_a_directory_with_a_dot_that_is_there_is_no_obstacle(bpffs, place):
    # the mount itself may lie anywhere
    bpffs.mounts = [b"/some.where/bpf"]
    os.makedirs(bpffs.root + b"/some.where/bpf")
    assert place(b"/some.where/bpf/a").directories == []


def test_no_file_system_at_all(bpffs, place):
    bpffs.mounts = []
    with pytest.raises(Refusal, match="none is mounted; mount one"):
        place(b"/bpf/a")


@pytest.mark.parametrize("there", [True, False])
def test_a_mount(bpffs, place, there):
    if there:
        os.mkdir(bpffs.root + b"/new")
    made = place(b"/new/x/a", mount=True, point=b"/new")
    assert made.mount == bpffs.root + b"/new" and made.directories == [bpffs.root + b"/new/x"]
    assert made.state(False) == {"mounts": [], "directories": []} and bpffs.mounts == [b"/bpf"]
    made.prepare()
    assert bpffs.mounts == [b"/bpf", b"/new"]
    assert (
        made.state(False)
        == made.state(True)
        == {
            "mounts": [bpffs.text(b"/new")],
            "directories": [bpffs.text(b"/new/x")],
        }
    )


def test_a_mount_is_made_only_where_it_is_needed(bpffs, place):
    assert place(b"/bpf/a", mount=True, point=b"/elsewhere").mount is None


def test_mounts_that_do_not_help(bpffs, place):
    os.makedirs(bpffs.root + b"/full/of")
    with pytest.raises(Refusal, match="is not below mount_point"):
        place(b"/other/a", mount=True, point=b"/new")
    with pytest.raises(Refusal, match="it would hide what is in there, such as of"):
        place(b"/full/a", mount=True, point=b"/full")
    with open(bpffs.root + b"/file", "wb"):
        pass
    with pytest.raises(KernelError, match="ENOTDIR"):
        place(b"/file/a", mount=True, point=b"/file")


def test_a_mount_that_is_refused(bpffs, place):
    bpffs.mount_errno = errno.EPERM
    with pytest.raises(KernelError, match=r"^mount: .*EPERM"):
        place(b"/new/a", mount=True, point=b"/new").prepare()


def test_what_a_failed_task_leaves_is_told(bpffs, place):
    os.mkdir(bpffs.root + b"/bpf/x")
    made = place(b"/bpf/x/y/z/a")
    assert pin_place.failed(made, "it failed") == {"msg": "it failed", "changed": False}
    os.mkdir(bpffs.root + b"/bpf/x/y")  # somebody else's
    made.prepare()
    told = pin_place.failed(made, "it failed.", failure={"errno": 1})
    assert told == {
        "msg": f"it failed. The task made this before, and it stays: directory {bpffs.text(b'/bpf/x/y/z')}",
        "changed": True,
        "failure": {"errno": 1},
    }
    assert pin_place.failed(None, "it failed")["changed"] is False
