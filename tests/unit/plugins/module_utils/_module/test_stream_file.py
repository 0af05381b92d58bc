# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import hashlib
import os
import stat

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module.stream_file import StreamFile, digest, unfit


def test_what_is_no_file_stays_what_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "file").touch()
    assert unfit(str(tmp_path)) == f"dest: {tmp_path} is a directory; name a file in it"
    for path in (tmp_path / "pipe", tmp_path / "link", "/dev/null"):
        assert unfit(str(path)) == f"dest: {path} is a device or the like, and no regular file; name another"
    assert [unfit(str(tmp_path / name)) for name in ("file", "new", "dangling")] == ["", "", ""]


class Module:
    """What ansible does of it, as far as a test can see: one rename, and the mode of the old file."""

    def __init__(self):
        self.moved = []

    def atomic_move(self, source, target):
        os.chmod(source, stat.S_IMODE(os.stat(target).st_mode))
        os.rename(source, target)
        self.moved.append(target)

    def set_default_selinux_context(self, path, changed):
        self.context = path


def written(path, *pieces, keep=True, **options):
    with StreamFile(str(path), keep, **options) as stream:
        for piece in pieces:
            stream.write(piece)
        stream.finish()
        if keep:
            stream.move(Module())
        return stream.sha256, stream.size


def test_a_new_file_is_its_owners_alone(tmp_path):
    told = written(tmp_path / "new", b"ab", b"c")
    assert (tmp_path / "new").read_bytes() == b"abc"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert told == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert told[0] == digest(str(tmp_path / "new"))
    assert os.listdir(tmp_path) == ["new"]


def test_an_old_file_keeps_its_mode_and_a_link_stays_one(tmp_path):
    (tmp_path / "old").write_bytes(b"x")
    (tmp_path / "old").chmod(0o640)
    (tmp_path / "link").symlink_to("old")
    written(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "old").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o640


def test_nothing_is_written_where_only_the_digest_is_wanted(tmp_path):
    assert written(tmp_path / "new", b"abc", keep=False) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert os.listdir(tmp_path) == []


def test_what_is_not_moved_is_taken_away(tmp_path, no_leaks):
    (tmp_path / "old").write_bytes(b"old")
    with pytest.raises(ValueError), StreamFile(str(tmp_path / "old"), True) as stream:
        stream.write(b"new")
        assert len(os.listdir(tmp_path)) == 2
        raise ValueError
    assert os.listdir(tmp_path) == ["old"]
    assert (tmp_path / "old").read_bytes() == b"old"


def test_leftovers_of_a_process_of_the_same_number(tmp_path):
    (tmp_path / f"new.ebpf-fleet-{os.getpid()}").write_bytes(b"left")
    written(tmp_path / "new", b"abc")
    assert os.listdir(tmp_path) == ["new"]


def test_equal_data_make_equal_packed_files(tmp_path):
    data = [b"line\n" * 1000, b"more\n"]
    one, other = (written(tmp_path / name, *data, gzip=True) for name in ("one", "other"))
    assert one == other
    assert gzip.decompress((tmp_path / "one").read_bytes()) == b"".join(data)
    assert one == (digest(str(tmp_path / "one")), (tmp_path / "one").stat().st_size)


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(KernelError, match=f"write {tmp_path}/no/new: "):
        StreamFile(str(tmp_path / "no" / "new"), True)


def test_digest_of_what_is_no_file(tmp_path):
    assert digest(str(tmp_path / "none")) is None
    with pytest.raises(KernelError, match="EISDIR"):
        digest(str(tmp_path))
