# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import sysctl_edits
from ansible_collections.ebpf.fleet.plugins.module_utils._module.sysctl_task import Refusal
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl_tree import Tree

FILE = "/etc/sysctl.d/50-ours.conf"
KPTR = "kernel.kptr_restrict"


@pytest.fixture
def place(sysctls):
    return sysctls


def refused(call, *arguments):
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value


def test_own_file_changes_only_where_it_says_something_else(place):
    path = place.path(FILE)
    place.put(FILE, "kernel.kptr_restrict=1\n")
    assert sysctl_edits.own_file(Tree(), path, {KPTR: 1}) == {}
    assert sysctl_edits.own_file(Tree(), path, {KPTR: 2}) == {path: b"kernel.kptr_restrict=2\n"}
    assert sysctl_edits.own_file(Tree(), path, {KPTR: None}) == {path: None}
    assert place.get(FILE) == "kernel.kptr_restrict=1\n"


def test_own_file_has_to_be_readable(place, monkeypatch):
    monkeypatch.setattr(Tree, "text", lambda tree, path: errno.EACCES)
    error = refused(sysctl_edits.own_file, Tree(), place.path(FILE), {KPTR: 1}).error
    assert isinstance(error, KernelError) and error.errno == errno.EACCES


WANTED = {KPTR: 2, "kernel.bpf_stats_enabled": 0}


def test_one_file_with_several_conflicts_is_edited_once(place):
    place.put(FILE, "kernel.kptr_restrict=1\nkernel.bpf_stats_enabled=1\n")
    path, tree = place.path(FILE), Tree()
    conflicts = sysctl_edits.find_conflicts(tree, WANTED)
    assert conflicts == {name: [path] for name in WANTED}
    changes = sysctl_edits.without_conflicts(tree, conflicts, WANTED)
    assert list(changes) == [path] and changes[path].count(b"# ebpf.fleet: ") == 2


def test_a_file_of_a_package_is_overridden_once(place):
    place.put("/usr/lib/sysctl.d/50-x.conf", "kernel.kptr_restrict=1\nkernel.bpf_stats_enabled=1\n")
    tree = Tree()
    changes = sysctl_edits.without_conflicts(tree, sysctl_edits.find_conflicts(tree, WANTED), WANTED)
    assert list(changes) == [place.path("/etc/sysctl.d/50-x.conf")]
    text = changes[place.path("/etc/sysctl.d/50-x.conf")]
    assert text.count(b"# Overrides") == 1 and text.count(b"# ebpf.fleet: ") == 2


def test_conflicts_are_those_with_what_is_wanted_whatever_decides_now(place):
    place.put("/etc/sysctl.d/1.conf", "kernel.kptr_restrict=2\nkernel.*=7\n")
    place.put("/etc/sysctl.d/2.conf", "kernel.kptr_restrict=1\n")
    assert sysctl_edits.find_conflicts(Tree(), WANTED) == {KPTR: [place.path("/etc/sysctl.d/2.conf")]}
    assert sysctl_edits.find_conflicts(Tree(), {KPTR: 1}) == {KPTR: [place.path("/etc/sysctl.d/1.conf")]}


def test_conflicts_are_named_with_their_settings():
    assert f"{KPTR} in /a, /b. " in str(refused(sysctl_edits.check_conflicts, {KPTR: ["/a", "/b"]}))
    sysctl_edits.check_conflicts({})


def test_what_a_boot_would_not_set_is_named():
    record = {"name": KPTR, "running": 1, "effective": 1, "persistent": None, "sources": []}
    hidden = {**record, "unavailable": {"persistent": "EACCES"}}
    assert "file is not read" in str(refused(sysctl_edits.check_outcome, [record], {KPTR: 1}))
    assert "EACCES" in str(refused(sysctl_edits.check_outcome, [hidden], {KPTR: 1}))
    sysctl_edits.check_outcome([{**record, "persistent": 1}], {KPTR: 1})


@pytest.mark.parametrize(("flag", "name"), [(os.ST_RDONLY, "EROFS"), (0, "EACCES")])
def test_a_place_that_cannot_be_written_is_told(tmp_path, monkeypatch, flag, name):
    path = str(tmp_path / "new" / "deep" / "x.conf")
    sysctl_edits.check_writable(path)
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(tmp_path))
    monkeypatch.setattr(os, "statvfs", lambda path: type("Answer", (), {"f_flag": flag}))
    refusal = refused(sysctl_edits.check_writable, path)
    assert refusal.error.name == name and str(refusal).startswith(f"cannot write {path}: write {tmp_path}: ")
