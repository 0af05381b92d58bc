# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl_files
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.sysctl_tree import Tree

KPTR = "kernel.kptr_restrict"
HARDEN = "net.core.bpf_jit_harden"


def plant(root, **files):
    """Write files below a root; ``usr__lib__10`` is usr/lib/sysctl.d/10.conf."""
    for key, text in files.items():
        *parts, name = key.split("__")
        path = root.joinpath(*parts, "sysctl.d", name + ".conf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def changed(root, **changes):
    """Return the two values of kptr_restrict after changes of files, given as in `plant`."""
    tree = Tree(str(root))
    paths = {f"/{'/'.join(key.split('__')[:-1])}/sysctl.d/{key.split('__')[-1]}.conf": key for key in changes}
    edited = tree.edited({path: changes[key] for path, key in paths.items()})
    merged = edited.merged([KPTR])[KPTR]
    return tuple(line and line.value for line in (merged.systemd, merged.procps))


def test_a_new_file_is_read_at_its_place(tmp_path):
    plant(tmp_path, etc__50="kernel.kptr_restrict=1\n")
    assert changed(tmp_path, etc__60=b"kernel.kptr_restrict=2\n") == ("2", "2")
    assert changed(tmp_path, etc__40=b"kernel.kptr_restrict=2\n") == ("1", "1")
    assert changed(tmp_path, run__50=b"kernel.kptr_restrict=2\n") == ("1", "1")


def test_a_new_file_hides_its_namesakes_and_a_removed_one_shows_them(tmp_path):
    plant(tmp_path, run__50="kernel.kptr_restrict=1\n")
    assert changed(tmp_path, etc__50=b"") == (None, None)
    plant(tmp_path, etc__50="kernel.kptr_restrict=2\n")
    assert changed(tmp_path, etc__50=None) == ("1", "1")


def test_the_tree_itself_and_the_files_stay(tmp_path):
    plant(tmp_path, etc__50="kernel.kptr_restrict=1\n")
    tree = Tree(str(tmp_path))
    assert tree.merged([KPTR])[KPTR].systemd.value == "1"
    edited = tree.edited({"/etc/sysctl.d/50.conf": b"kernel.kptr_restrict=2\n", "/etc/sysctl.d/60.conf": b"x=1\n"})
    assert edited.merged([KPTR])[KPTR].systemd.value == "2"
    assert tree.merged([KPTR])[KPTR].systemd.value == "1" and tree.text("/etc/sysctl.d/60.conf") is None
    assert os.listdir(str(tmp_path / "etc/sysctl.d")) == ["50.conf"]


def test_a_file_changes_under_all_its_names(tmp_path):
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.conf").write_text("kernel.kptr_restrict=1\n")
    (tmp_path / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    tree = Tree(str(tmp_path))
    for path in ("/etc/sysctl.conf", "/etc/sysctl.d/99-sysctl.conf"):
        merged = tree.edited({path: b"kernel.kptr_restrict=2\n"}).merged([KPTR])[KPTR]
        assert (merged.systemd.value, merged.procps.value) == ("2", "2")
        assert tree.edited({path: None}).merged([KPTR])[KPTR].lines == []


def test_each_file_is_read_once(tmp_path, monkeypatch):
    plant(tmp_path, etc__50="kernel.kptr_restrict=1\n", usr__lib__50="", usr__lib__60="")
    opened = []
    real = open
    monkeypatch.setattr("builtins.open", lambda path, *how: opened.append(path) or real(path, *how))
    tree = Tree(str(tmp_path))
    for _turn in range(2):
        tree.edited({}).merged([KPTR])
        tree.edited({"/etc/sysctl.d/70.conf": b"x=1\n"}).merged([KPTR, HARDEN])
        tree.merged([KPTR])
    assert sorted(opened) == [str(tmp_path / path) for path in ("etc/sysctl.d/50.conf", "usr/lib/sysctl.d/60.conf")]


def test_the_order_of_files_does_not_depend_on_that_of_the_directory(tmp_path, monkeypatch):
    plant(tmp_path, etc__50="kernel.kptr_restrict=1\n", usr__lib__60="kernel.kptr_restrict=2\n", etc__70="")
    real = os.listdir
    answers = []
    for backwards in (False, True):
        monkeypatch.setattr(os, "listdir", lambda path, back=backwards: sorted(real(path), reverse=back))
        answers.append(Tree(str(tmp_path)).merged([KPTR])[KPTR])
    assert answers[0] == answers[1] and answers[0].systemd.value == "2"


def test_a_tree_as_it_is_says_what_the_plain_read_says(tmp_path):
    plant(tmp_path, etc__50="kernel.kptr_*=1\n", usr__lib__60="net.core.bpf_jit_harden=2\n", run__10="")
    (tmp_path / "etc/sysctl.conf").write_text("kernel.kptr_restrict=2\n")
    assert Tree(str(tmp_path)).merged([KPTR, HARDEN]) == sysctl_files.read([KPTR, HARDEN], str(tmp_path))
