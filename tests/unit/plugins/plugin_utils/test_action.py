# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
from unittest import mock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.ebpf.fleet.plugins.plugin_utils._action import FleetAction
from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError


class Action(FleetAction):
    OPTIONS = {"names": {"type": "list", "elements": "str", "default": []}}

    def work(self, options: dict, variables: dict) -> dict:
        if options["names"] == ["broken"]:
            raise FleetError("one sentence")
        if options["names"] == ["bug"]:
            raise ZeroDivisionError
        return {"got": options, "dry_run": self.dry_run, "variables": variables}


def make(check: bool = False, **options: object) -> Action:
    task = mock.MagicMock(args=options, check_mode=check, async_val=0, action="x")
    action = Action(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
    action._load_name = "x"  # Ansible's plugin loader sets it
    return action


def test_options_are_checked_filled_in_and_plain() -> None:
    result = make(names=wrap_var(["a"])).run(task_vars={"x": 1})
    assert result["got"] == {"names": ["a"]} and result["got"]["names"][0].__class__ is str
    assert make().run()["got"] == {"names": []} and make().run()["variables"] == {}
    with pytest.raises(Exception, match="other"):
        make(other=1).run()


def test_check_mode_is_read_here() -> None:
    assert make().run()["dry_run"] is False and make(check=True).run()["dry_run"] is True


def test_our_errors_become_a_failure_and_bugs_stay_bugs() -> None:
    result = make(names=["broken"]).run()
    assert result["failed"] is True and result["msg"] == "one sentence"
    with pytest.raises(ZeroDivisionError):
        make(names=["bug"]).run()


def test_a_subclass_must_work() -> None:
    with pytest.raises(NotImplementedError):
        FleetAction.work(make(), {}, {})


def test_files_are_found_from_here_and_from_the_playbook(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.yml").write_text("")
    monkeypatch.chdir(tmp_path / "here")
    action = make()
    action._loader.set_basedir(str(tmp_path / "playbook"))
    assert action.find("a.yml") == str(tmp_path / "here" / "a.yml")
    assert action.find("b.yml") == str(tmp_path / "playbook" / "b.yml")
    assert action.find("/c.yml") == "/c.yml"


def test_options_that_a_module_checks_are_handed_on_plain() -> None:
    action = make(other=wrap_var(["a"]))
    action.OPTIONS = None
    assert action._options() == {"other": ["a"]}
    assert action._options()["other"][0].__class__ is str
