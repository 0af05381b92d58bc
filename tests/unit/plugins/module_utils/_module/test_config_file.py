# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import signal
import stat
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import config_file


class Module:
    """atomic_move as ansible-core does it, without SELinux; ``moved`` lists the calls."""

    def __init__(self):
        self.moved = []

    def atomic_move(self, src, dest):
        self.moved.append((src, dest))
        if os.path.exists(dest):
            old = os.stat(dest)
            os.chmod(src, stat.S_IMODE(old.st_mode))
            os.chown(src, old.st_uid, old.st_gid)
        os.rename(src, dest)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "10-some.conf")


def put(path, content, mode=0o644):
    with open(path, "wb") as handle:
        handle.write(content)
    os.chmod(path, mode)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_file_that_is_not_there_reads_as_none(path):
    assert config_file.read(path) is None
    put(path, b"x = 1\n")
    assert config_file.read(path) == b"x = 1\n"


def test_what_cannot_be_read_is_an_error_with_the_path(tmp_path):
    with pytest.raises(KernelError) as caught:
        config_file.read(str(tmp_path))
    assert caught.value.errno == errno.EISDIR and str(tmp_path) in caught.value.call


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_new_file_can_be_read_by_all_and_its_directory_is_made(tmp_path, umask):
    path = str(tmp_path / "new" / "folder" / "10-some.conf")
    before = os.umask(umask)
    try:
        config_file.replace(Module(), path, b"x = 1\n")
    finally:
        os.umask(before)
    assert config_file.read(path) == b"x = 1\n" and mode(path) == 0o644
    assert [mode(str(folder)) for folder in (tmp_path / "new", tmp_path / "new" / "folder")] == [0o755, 0o755]


def test_an_old_file_keeps_its_mode_and_the_directory_holds_nothing_else(path, tmp_path):
    put(path, b"old\n", 0o640)
    config_file.replace(Module(), path, b"new\n")
    assert config_file.read(path) == b"new\n" and mode(path) == 0o640
    assert os.listdir(str(tmp_path)) == ["10-some.conf"]


def test_the_move_is_a_rename_within_the_directory_by_a_name_no_reader_takes(path, tmp_path):
    module = Module()
    config_file.replace(module, path, b"new\n")
    ((beside, dest),) = module.moved
    assert os.path.dirname(beside) == str(tmp_path) and dest == path and not beside.endswith(".conf")


def test_a_symbolic_link_stays_one(path, tmp_path):
    real = str(tmp_path / "real")
    put(real, b"old\n")
    os.symlink(real, path)
    config_file.replace(Module(), path, b"new\n")
    assert os.path.islink(path) and config_file.read(real) == b"new\n"


@pytest.mark.parametrize("content", [b"new\n", None])
def test_what_is_no_file_is_never_replaced(path, tmp_path, content):
    """A file is masked by a link to /dev/null, and that is not to be replaced by a file for everybody."""
    fifo = tmp_path / "null"
    os.mkfifo(fifo)
    os.symlink(fifo, path)
    module = Module()
    with pytest.raises(KernelError) as caught:
        config_file.replace(module, path, content)
    assert caught.value.call == f"replace {fifo}" and module.moved == [] and stat.S_ISFIFO(os.stat(path).st_mode)
    assert config_file.mask(path).startswith(f"it is masked or not a file (it stands for {fifo})")
    assert config_file.mask(str(tmp_path / "new")) is None


def test_none_removes_the_file(path):
    put(path, b"old\n")
    config_file.replace(Module(), path, None)
    assert not os.path.exists(path)


@pytest.mark.parametrize(("content", "verb"), [(None, "remove"), (b"new\n", "write")])
def test_what_fails_names_the_file(tmp_path, content, verb):
    put(str(tmp_path / "file"), b"")
    path = str(tmp_path / "file" / "10-some.conf")
    with pytest.raises(KernelError) as caught:
        config_file.replace(Module(), path, content)
    assert caught.value.call == f"{verb} {path}"


def test_a_move_that_fails_leaves_the_old_file_and_nothing_beside_it(path, tmp_path, monkeypatch):
    put(path, b"old\n")
    monkeypatch.setattr(Module, "atomic_move", lambda self, src, dest: sys.exit(1))
    with pytest.raises(SystemExit):
        config_file.replace(Module(), path, b"new\n")
    assert config_file.read(path) == b"old\n" and os.listdir(str(tmp_path)) == ["10-some.conf"]


def test_what_a_killed_process_of_the_same_number_left_is_no_hindrance(path, tmp_path):
    put(f"{path}.ebpf-fleet-{os.getpid()}", b"half")
    config_file.replace(Module(), path, b"new\n")
    assert config_file.read(path) == b"new\n" and os.listdir(str(tmp_path)) == ["10-some.conf"]


def test_killed_between_write_and_rename_leaves_the_old_file_whole(path, monkeypatch):
    put(path, b"old\n")
    monkeypatch.setattr(Module, "atomic_move", lambda self, src, dest: os.kill(os.getpid(), signal.SIGKILL))
    child = os.fork()
    if not child:
        config_file.replace(Module(), path, b"new\n")
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert config_file.read(path) == b"old\n"
    monkeypatch.undo()
    config_file.replace(Module(), path, b"new\n")
    assert config_file.read(path) == b"new\n"
