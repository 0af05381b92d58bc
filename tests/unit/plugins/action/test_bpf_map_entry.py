# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
from unittest import mock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase

from ansible_collections.ebpf.fleet.plugins.action.bpf_map_entry import ActionModule

DONE = {"changed": True, "counts": {}}


@pytest.fixture
def action(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    """A maker of the action; C(sent) is what was copied, C(asked) what the module was started with."""

    def make(**options: object) -> ActionModule:
        task = mock.MagicMock(args=options, check_mode=False, async_val=0, action="ebpf.fleet.bpf_map_entry")
        connection = mock.MagicMock()
        connection._shell.tmpdir = "/target/tmp"
        connection._shell.join_path = os.path.join
        made = ActionModule(task, connection, mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
        made.sent, made.asked = {}, []
        made._transfer_file = lambda source, target: made.sent.update({target: pathlib.Path(source).read_text()})
        made._fixup_perms2 = lambda paths, execute: made.sent.update(readable=paths, execute=execute)
        find = made._loader.path_dwim_relative_stack
        made._find_needle = lambda folder, needle: find([str(tmp_path)], folder, needle)
        made._execute_module = lambda name, module_args, **_how: made.asked.append((name, module_args)) or DONE
        return made

    monkeypatch.setattr(ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    return make


def test_entries_go_to_the_module_as_they_are(action) -> None:
    options = {"id": 5, "entries": [{"key": 1, "value": 2}]}
    made = action(**options)
    assert made.run() == DONE
    assert made.asked == [("ebpf.fleet.bpf_map_entry", options)]
    assert made.sent == {}


@pytest.mark.parametrize("remote", [True, "yes"])
def test_a_file_of_the_target_stays_there(action, remote) -> None:
    made = action(id=5, src="/there", remote_src=remote)
    made.run()
    assert made.asked[0][1]["src"] == "/there"
    assert made.sent == {}


def test_a_file_of_the_controller_is_copied(action, tmp_path: pathlib.Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "table.jsonl").write_text("{}\n")
    made = action(id=5, src="table.jsonl", purge=True)
    made.run()
    target = "/target/tmp/entries.jsonl"
    assert made.sent == {target: "{}\n", "readable": ("/target/tmp", target), "execute": False}
    assert made.asked[0][1] == {"id": 5, "src": target, "remote_src": True, "purge": True}


def test_what_cannot_be_is_one_sentence(action) -> None:
    missing = action(id=5, src="nowhere.jsonl").run()
    assert missing["failed"] is True
    assert missing["msg"].startswith("src: Could not find or access")
    assert "remote_src: " in action(id=5, src="x", remote_src="maybe").run()["msg"]
