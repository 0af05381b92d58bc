# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib
import stat
from unittest import mock

import pytest
import yaml
from ansible import constants
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.action.bpf_report import ActionModule
from ansible_collections.ebpf.fleet.plugins.modules import bpf_report as module
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.directory import Run
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])


class Controller:
    """The action plugin; C(shown) is what it printed."""

    def __init__(self, check: bool = False, hosts: tuple[str, ...] = ("web1",), limit: str = "", **options: object):
        task = mock.MagicMock(args=options, check_mode=check, async_val=0, action="ebpf.fleet.bpf_report")
        self.action = ActionModule(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
        self.action._display = mock.MagicMock()
        self.variables = {"groups": {"all": list(hosts), "ungrouped": list(hosts)}, "ansible_limit": limit}

    def run(self) -> dict:
        return self.action.run(task_vars=self.variables)

    @property
    def shown(self) -> str:
        return "\n".join(call.args[0] for call in self.action._display.display.call_args_list)


def store(folder: pathlib.Path, host: str, document: dict) -> None:
    verdicts = judge(RULES, document)
    Run(str(folder)).store(
        host, {"outcome": "ok", "policy": pack.digest(RULES), "verdicts": verdicts, "document": document}
    )


def test_begin_makes_a_new_folder_each_time(tmp_path: pathlib.Path) -> None:
    made = [Controller(step="begin", base_dir=str(tmp_path / "base")).run() for _turn in range(2)]
    assert made[0]["run_dir"] != made[1]["run_dir"] and all(one["changed"] for one in made)
    assert all(os.path.dirname(one["run_dir"]) == str(tmp_path / "base") for one in made)
    assert made[0]["rules"] == len(RULES)
    assert stat.S_IMODE(os.stat(made[0]["run_dir"]).st_mode) == 0o700


def test_begin_goes_on_with_a_folder_that_is_named(tmp_path: pathlib.Path) -> None:
    store(tmp_path, "web1", planted.document())
    assert Controller(step="begin", run_dir=str(tmp_path)).run()["changed"] is True
    assert Controller(step="begin", run_dir=str(tmp_path)).run()["changed"] is False
    assert Run(str(tmp_path)).fetch("web1")


def test_begin_in_check_mode_leaves_nothing_behind(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path / "tmp"))
    for options in ({"base_dir": str(tmp_path / "base")}, {"run_dir": str(tmp_path / "run")}):
        made = Controller(check=True, step="begin", **options).run()
        assert os.path.dirname(made["run_dir"]) == str(tmp_path / "tmp")
    assert sorted(os.listdir(tmp_path)) == ["tmp"]


@pytest.mark.parametrize("step", ["begin", "report"])
def test_a_broken_rule_fails_first(tmp_path: pathlib.Path, step: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text("rules: [")
    result = Controller(step=step, run_dir=str(tmp_path / "run"), rules=[str(path)]).run()
    assert result["failed"] and f"{path}:1" in result["msg"] and not (tmp_path / "run").exists()


def test_reports_are_written_once(tmp_path: pathlib.Path) -> None:
    store(tmp_path, "web1", planted.document(kernel__kptr_restrict=0))
    first = Controller(run_dir=str(tmp_path)).run()
    assert first["changed"] is True and "failed" not in first
    assert first["reports"] == {kind: str(tmp_path / f"report.{kind}") for kind in ("html", "json")}
    assert all(stat.S_IMODE(os.stat(path).st_mode) == 0o600 for path in first["reports"].values())
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["summary"] == first["summary"] and report["findings"][0]["rule"] == "EBPF-S006"
    again = Controller(run_dir=str(tmp_path))
    assert again.run()["changed"] is False
    assert "1 of 1 host audited; 1 medium" in again.shown and str(tmp_path / "report.html") in again.shown


def test_formats(tmp_path: pathlib.Path) -> None:
    store(tmp_path, "web1", planted.document())
    Controller(run_dir=str(tmp_path), formats=["json"]).run()
    assert sorted(os.listdir(tmp_path)) == ["hosts", "report.json"]


def test_check_mode_says_what_would_change_and_writes_nothing(tmp_path: pathlib.Path) -> None:
    store(tmp_path, "web1", planted.document())
    result = Controller(check=True, run_dir=str(tmp_path)).run()
    assert result["changed"] is True and result["reports"] == {"html": None, "json": None}
    assert os.listdir(tmp_path) == ["hosts"]
    Controller(run_dir=str(tmp_path)).run()
    assert Controller(check=True, run_dir=str(tmp_path)).run()["changed"] is False


def test_every_host_of_the_inventory_is_in_the_report(tmp_path: pathlib.Path) -> None:
    store(tmp_path, "web1", planted.document())
    Run(str(tmp_path)).store("web2", {"outcome": "unreachable", "error": "no route"})
    hosts = ("web1", "web2", "web3")
    result = Controller(hosts=hosts, run_dir=str(tmp_path)).run()
    assert result["failed"] and result["msg"] == "2 hosts of 3 could not be audited: web2, web3."
    assert [one["outcome"] for one in result["not_audited"]] == ["unreachable", "missing"]
    assert (tmp_path / "report.html").exists()
    assert "failed" not in Controller(hosts=hosts, run_dir=str(tmp_path), fail_on_missing=False).run()
    assert "failed" not in Controller(hosts=hosts, limit="web1,localhost", run_dir=str(tmp_path)).run()
    assert "failed" not in Controller(hosts=hosts, pattern="web1", run_dir=str(tmp_path)).run()


@pytest.mark.parametrize("pattern", [["web1", "web2"], "web1,web2", "web1:web2", ["web1:web2"]])
def test_hosts_are_chosen_as_a_play_chooses_them(tmp_path: pathlib.Path, pattern: str | list[str]) -> None:
    for host in ("web1", "web2"):
        store(tmp_path, host, planted.document())
    result = Controller(hosts=("web1", "web2", "web3"), pattern=pattern, run_dir=str(tmp_path)).run()
    assert "failed" not in result and result["summary"]["hosts"]["expected"] == 2


@pytest.mark.parametrize(
    ("fail_on", "fails"),
    [("never", False), ("info", True), ("low", True), ("medium", True), ("high", False), ("critical", False)],
)
def test_fail_on_is_the_only_thing_that_makes_findings_fail(tmp_path: pathlib.Path, fail_on: str, fails: bool) -> None:
    store(tmp_path, "web1", planted.document(kernel__kptr_restrict=0))
    result = Controller(run_dir=str(tmp_path), fail_on=fail_on).run()
    assert bool(result.get("failed")) is fails
    assert (tmp_path / "report.html").exists() and result["summary"]["findings"]["medium"] == 1


def test_what_is_printed_obeys_nobody(tmp_path: pathlib.Path) -> None:
    name = "evil\x1b[2J</script>"
    store(tmp_path, name, planted.document(kernel__kptr_restrict=0))
    controller = Controller(hosts=(name,), run_dir=str(tmp_path))
    controller.run()
    assert "\x1b" not in controller.shown and "evil\\x1b[2J</script>" in controller.shown
    assert "</script>" not in (tmp_path / "report.html").read_text()


def test_what_is_missing_is_said(tmp_path: pathlib.Path) -> None:
    assert "run_dir is missing" in Controller().run()["msg"]
    assert "matches no host" in Controller(run_dir=str(tmp_path), pattern="db").run()["msg"]


def test_two_hundred_hosts(tmp_path: pathlib.Path) -> None:
    hosts = tuple(f"web{number:03}" for number in range(200))
    document = planted.document(kernel__kptr_restrict=0)
    document["programs"] = [{**planted.PROGRAM, "id": number, "uid": 5} for number in range(100)]
    for host in hosts:
        store(tmp_path, host, document)
    result = Controller(hosts=hosts, run_dir=str(tmp_path)).run()
    assert result["summary"]["hosts"]["audited"] == 200 and result["summary"]["findings"]["medium"] == 400
    assert len(json.dumps(result)) < 2000
    assert (tmp_path / "report.html").stat().st_size < 20_000_000


def test_the_module_documents_the_options_of_the_plugin() -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert sorted(ActionModule.OPTIONS) == sorted(documented)
    for name, option in ActionModule.OPTIONS.items():
        for key in ("type", "elements", "default", "choices"):
            assert option.get(key) == documented[name].get(key), (name, key)
