# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.action import bpf_snapshot
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils._snapshot.test_collect import Target


class Host:
    def __init__(self, target: Target, check_mode: bool = False, **options: object) -> None:
        task = mock.MagicMock(args=options, check_mode=check_mode, async_val=0, action="ebpf.fleet.bpf_snapshot")
        self.action = bpf_snapshot.ActionModule(
            task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None
        )
        self.action._load_name = "ebpf.fleet.bpf_snapshot"

        def execute(name: str, module_args: dict, **_how: object) -> dict:
            answer = target(name.rpartition(".")[2], module_args)
            # what ansible-core 2.21 puts there cannot be made plain
            answer["exception"] = object()
            for program in answer.get("programs", ()):
                program.update(type="xdp", name="f", full_name="f", tag="00", map_ids=program.get("map_ids"))
            return answer

        self.action._execute_module = execute

    def run(self) -> dict:
        return self.action.run(task_vars={"inventory_hostname": "we/b"})


@pytest.fixture(autouse=True)
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpf_snapshot, "draw", lambda graph, format: b"<svg/>")


def test_a_snapshot(tmp_path: Path) -> None:
    target = Target()
    result = Host(target, dest=str(tmp_path / "d"), name="f").run()
    assert result["changed"] and not result.get("failed") and result["missing"] == []
    assert result["counts"] == {"programs": 2, "maps": 1, "links": 1}
    path = Path(result["path"])
    assert path.parent == tmp_path / "d" / "we%2Fb"
    assert sorted(str(found.relative_to(path)) for found in path.rglob("*") if found.is_file()) == result["files"]
    # what was not given is not handed on, and no contents were asked for
    assert all("id" not in options for name, options in target.asked if name == "bpf_prog_info")
    assert "bpf_map_entry_info" not in target.names()


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    result = Host(Target(), check_mode=True, dest=str(tmp_path / "d")).run()
    assert result["changed"] and result["path"] is None and "index.html" in result["files"]
    assert not (tmp_path / "d").exists()


def test_a_host_without_an_answer(tmp_path: Path) -> None:
    result = Host(Target("bpf_prog_info"), dest=str(tmp_path / "d")).run()
    assert result["failed"] and result["msg"] == "bpf_prog_info said no"
    assert not (tmp_path / "d").exists()
