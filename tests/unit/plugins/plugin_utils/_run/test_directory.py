# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib
import stat

import pytest
from ansible import constants

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run import directory


def test_a_record_comes_back_with_the_name_in_it(tmp_path: pathlib.Path) -> None:
    run = directory.Run(str(tmp_path / "run"))
    path = run.store("../web1", {"outcome": "ok", "x": 1})
    assert path == str(tmp_path / "run" / "hosts" / "%2E.%2Fweb1.json")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert run.fetch("../web1") == {"schema": 1, "host": "../web1", "outcome": "ok", "x": 1}
    assert run.fetch("web2") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": "web2", "schema": 1}', '{"host": "web1", "schema": 9}'])
def test_a_file_that_is_not_the_record_of_the_host(tmp_path: pathlib.Path, content: str) -> None:
    run = directory.Run(str(tmp_path))
    run.store("web1", {})
    (tmp_path / "hosts" / "web1.json").write_text(content)
    with pytest.raises(FleetError, match=r"web1\.json"):
        run.fetch("web1")


def test_beginning_marks_the_folder_and_keeps_what_is_there(tmp_path: pathlib.Path) -> None:
    run = directory.Run(str(tmp_path))
    run.store("web1", {})
    assert run.about() == {}
    assert run.begin(["A"]) is True
    assert run.begin(["A"]) is False
    assert run.about() == {"schema": 1, "rules": ["A"], "dry_run": False}
    assert run.fetch("web1")


def test_check_mode_writes_only_where_a_check_mode_run_was_begun(tmp_path: pathlib.Path) -> None:
    run = directory.Run(str(tmp_path / "a"))
    assert run.takes(False) and not run.takes(True)
    run.begin([], dry_run=True)
    assert run.takes(False) and run.takes(True)


def test_a_fresh_folder_is_named_by_time_and_never_shared(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory.time, "gmtime", lambda: directory.time.struct_time((2026, 11, 22, 15, 0, 1, 0, 1, 0)))
    names = [os.path.basename(directory.fresh(str(tmp_path / "base"), False).path) for _turn in range(3)]
    assert names == ["20261122T150001Z", "20261122T150001Z-2", "20261122T150001Z-3"]


def test_a_fresh_folder_that_cannot_be_made(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FleetError, match="cannot make the run directory"):
        directory.fresh(str(tmp_path / "file"), False)


def test_in_check_mode_it_is_a_temporary_one(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    run = directory.fresh(str(tmp_path / "base"), True)
    assert os.path.dirname(run.path) == str(tmp_path) and not (tmp_path / "base").exists()


def test_json_of_hostile_text_stays_one_line() -> None:
    text = directory.encode({"a": "</script>\n\x1b\u2028ü"})
    assert text.count("\n") == 1 and json.loads(text) == {"a": "</script>\n\x1b\u2028ü"}
    with pytest.raises(FleetError, match="x is not JSON"):
        directory.decode("nope", "x")
