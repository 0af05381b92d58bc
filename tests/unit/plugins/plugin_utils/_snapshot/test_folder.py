# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot import folder


def test_nobody_else_may_look(tmp_path):
    before = os.umask(0)
    try:
        made = folder.fresh(str(tmp_path / "a" / "b"))
        folder.write(made, {"index.html": "x", "programs/4-f/xlated.txt": "y"})
    finally:
        os.umask(before)
    paths = [*(tmp_path / "a").rglob("*"), tmp_path / "a"]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
    assert (tmp_path / "a" / "b" / made / "programs/4-f/xlated.txt").read_text() == "y"


def test_a_new_folder_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda *_args: "now")
    made = [folder.fresh(str(tmp_path)) for _turn in range(3)]
    assert [os.path.basename(path) for path in made] == ["now", "now-1", "now-2"]
    monkeypatch.setattr(folder, "_TRIES", 3)
    with pytest.raises(FleetError, match="cannot make a new folder"):
        folder.fresh(str(tmp_path))


def test_where_nothing_can_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FleetError, match=r"cannot make the folder .*file"):
        folder.fresh(str(tmp_path / "file" / "below"))
    with pytest.raises(FleetError, match=r"cannot make the folder .*file"):
        folder.fresh(str(tmp_path / "file"))
