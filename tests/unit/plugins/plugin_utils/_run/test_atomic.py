# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import stat

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run import atomic


def test_a_file_is_written_for_its_owner_alone_and_nothing_else_is_left(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "new" / "x.json"
    atomic.write(str(path), "one\n")
    atomic.write(str(path), "two\r\n")
    assert atomic.read(str(path)) == "two\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["x.json"]


def test_text_that_is_no_unicode_does_not_stop_the_writer(tmp_path: pathlib.Path) -> None:
    atomic.write(str(tmp_path / "x"), "a\udcff")
    assert atomic.read(str(tmp_path / "x")) == "a\\udcff"


def test_a_failed_write_leaves_the_old_file(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "x")
    atomic.write(path, "old")

    def refuse(*_paths: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(FleetError, match=r"cannot write .*x: No space left on device"):
        atomic.write(path, "new")
    assert atomic.read(path) == "old" and os.listdir(tmp_path) == ["x"]


def test_a_folder_that_cannot_be_made(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FleetError, match=r"cannot write .*: (Not a directory|File exists)"):
        atomic.write(str(tmp_path / "file" / "x"), "")


def test_reading(tmp_path: pathlib.Path) -> None:
    assert atomic.read(str(tmp_path / "gone")) is None
    (tmp_path / "x").write_bytes(b"\xff")
    with pytest.raises(FleetError, match="cannot read"):
        atomic.read(str(tmp_path / "x"))
    with pytest.raises(FleetError, match="cannot read"):
        atomic.read(str(tmp_path))
