# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib
import pathlib
from unittest import mock

import pytest
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
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
    task = mock.MagicMock(args=options, check_mode=check, async_val=0, action="x", delegate_to=None)
    action = Action(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
    action._load_name = "x"  # Ansible's plugin loader sets it
    return action


# ---- how a module goes to the target


def connected(become: object = None, **variables: object) -> Action:
    action = make()
    action._connection = connection_loader.get("local", PlayContext(), None)
    action._connection.become = become
    action._connection.set_options(var_options=variables)
    # as 2.16 hands it over, whoever chose
    action.run(task_vars={"ansible_pipelining": False, **variables, "vars": variables})
    return action


@pytest.fixture
def nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSIBLE_PIPELINING", raising=False)


@pytest.mark.usefixtures("nobody_chose")
def test_a_module_is_piped_where_nobody_chose() -> None:
    assert connected()._is_pipelining_enabled("new") is True
    assert connected()._is_pipelining_enabled("new", wrap_async=60) is False
    assert connected()._is_pipelining_enabled("binary") is False


@pytest.mark.usefixtures("nobody_chose")
def test_what_the_user_chose_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    sudo = mock.MagicMock(pipelining=True)
    assert connected(ansible_pipelining=False)._is_pipelining_enabled("new") is False
    assert connected(ansible_pipelining=True)._is_pipelining_enabled("new") is True
    assert connected(become=sudo)._is_pipelining_enabled("new") is False
    assert connected(become=sudo, ansible_pipelining=True)._is_pipelining_enabled("new") is True
    monkeypatch.setenv("ANSIBLE_PIPELINING", "false")
    assert connected()._is_pipelining_enabled("new") is False
    monkeypatch.delenv("ANSIBLE_PIPELINING")
    monkeypatch.setattr(constants, "DEFAULT_KEEP_REMOTE_FILES", True)
    assert connected()._is_pipelining_enabled("new") is False


def test_what_the_other_host_of_a_delegated_task_has_is_not_known_to_old_releases() -> None:
    action = connected()
    action._task.delegate_to = "other"
    assert action._chosen() == {"ansible_pipelining": False, "vars": {}}
    action._task.delegate_to = None
    assert action._chosen() == {}


@pytest.mark.usefixtures("nobody_chose")
def test_a_connection_without_pipes_or_the_option_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    action = connected()
    monkeypatch.setattr(action._connection, "has_pipelining", False)
    assert action._is_pipelining_enabled("new") is False
    action = connected()
    action._play_context.pipelining = action._connection._play_context.pipelining = False
    monkeypatch.setattr(action._connection, "get_option", mock.Mock(side_effect=KeyError))
    monkeypatch.setattr(action._connection, "get_option_and_origin", mock.Mock(side_effect=KeyError))
    assert action._is_pipelining_enabled("new") is False


# ---- tasks in the background

PLUGINS = sorted(path.stem for path in (pathlib.Path(__file__).parents[4] / "plugins" / "action").glob("bpf_*.py"))
#: What the controller does not touch, and what can be wanted instead of what it makes.
BACKGROUND = [
    ("bpf_map_entry", {"id": 5, "entries": []}),
    ("bpf_map_entry", {"id": 5, "src": "/there", "remote_src": True}),
    ("bpf_prog_code_info", {}),
    ("bpf_prog_code_info", {"id": 5, "format": "records"}),
    ("bpf_prog_code_info", {"what": "jited", "format": "raw"}),
    ("bpf_prog_dump", {"id": 5, "dest": "/there"}),
    ("bpf_prog_dump", {"id": 5, "dest": "/there", "format": "dot"}),
    ("bpf_prog_dump", {"id": 5, "dest": "/there", "what": "jited", "format": "raw"}),
]
REFUSED = [
    ("bpf_prog_code_info", {"what": "jited"}, "take format: raw and the filter ebpf.fleet.bpf_jit_disasm"),
    ("bpf_prog_code_info", {"what": "jited", "format": "records"}, "take format: raw and the filter"),
    ("bpf_prog_dump", {"id": 5, "dest": "/there", "what": "jited"}, "take format: raw and the filter"),
    (
        "bpf_prog_dump",
        {"id": 5, "dest": "/there", "format": "svg"},
        "take format: dot and the filter ebpf.fleet.bpf_cfg",
    ),
]
STARTED = {"started": 1, "finished": 0, "ansible_job_id": "j1.2", "changed": True}


def in_background(name: str, options: dict) -> FleetAction:
    plugin = importlib.import_module(f"ansible_collections.ebpf.fleet.plugins.action.{name}")
    task = mock.MagicMock(args=options, check_mode=False, async_val=60, action=f"ebpf.fleet.{name}")
    action = plugin.ActionModule(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
    action._load_name = f"ebpf.fleet.{name}"
    action._execute_module = mock.Mock(return_value=STARTED)
    return action


@pytest.mark.parametrize(("name", "options"), BACKGROUND)
def test_modules_that_may_go_on_in_the_background(name: str, options: dict) -> None:
    action = in_background(name, options)
    assert action.run(task_vars={}) == STARTED
    action._execute_module.assert_called_once_with(
        f"ebpf.fleet.{name}", module_args=options, task_vars={}, wrap_async=60
    )


@pytest.mark.parametrize(("name", "options", "way_out"), REFUSED)
def test_what_the_controller_must_wait_for_is_refused(name: str, options: dict, way_out: str) -> None:
    action = in_background(name, options)
    result = action.run(task_vars={})
    assert result["failed"] is True and way_out in result["msg"]
    assert result["msg"].startswith("async: ") and "on the controller once the module has ended" in result["msg"]
    action._execute_module.assert_not_called()


@pytest.mark.parametrize("name", sorted(set(PLUGINS) - {name for name, _options in BACKGROUND}))
def test_all_others_say_that_they_cannot(name: str) -> None:
    action = in_background(name, {})
    result = action.run(task_vars={})
    assert result["failed"] is True
    assert result["msg"].startswith(f"async: ebpf.fleet.{name} needs the controller until it is done")
    action._execute_module.assert_not_called()


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
