# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import pathlib
import zlib
from unittest import mock

import pytest
import yaml
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.action.bpf_audit import ActionModule
from ansible_collections.ebpf.fleet.plugins.modules import bpf_audit as module
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.directory import Run
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted


def answer(document: dict) -> dict:
    packed = base64.b64encode(zlib.compress(json.dumps(document).encode())).decode()
    return {"changed": False, "encoding": "json+zlib+base64", "document": packed}


class Host:
    """The action plugin on a host that answers what the test says, and how often it was asked."""

    def __init__(self, given: dict | Exception, check: bool = False, **options: object) -> None:
        task = mock.MagicMock(args=options, check_mode=check, async_val=0, action="ebpf.fleet.bpf_audit")
        self.action = ActionModule(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
        self.action._load_name = "ebpf.fleet.bpf_audit"
        effect = given if isinstance(given, Exception) else [given]
        self.asked = self.action._execute_module = mock.Mock(side_effect=effect)

    def run(self, name: str = "web1") -> dict:
        return self.action.run(task_vars={"inventory_hostname": name})


def test_the_record_is_written_and_the_result_stays_small(tmp_path: pathlib.Path) -> None:
    document = planted.document(kernel__unprivileged_bpf_disabled=0)
    document["programs"] *= 3000
    host = Host(answer(document), run_dir=str(tmp_path))
    result = host.run("we/b1")
    assert result["changed"] is False and "failed" not in result
    assert result["findings"]["high"] == 1 and result["counts"]["programs"] == 3000
    assert len(json.dumps(result)) < 1000
    record = Run(str(tmp_path)).fetch("we/b1")
    assert record["outcome"] == "ok" and record["document"] == document
    assert result["record"] == str(tmp_path / "hosts" / "we%2Fb1.json")
    host.asked.assert_called_once()


def test_the_target_gets_none_of_the_controllers_options(tmp_path: pathlib.Path) -> None:
    host = Host(answer(planted.document()), run_dir=str(tmp_path), skip_rules=["EBPF-P005"])
    host.run()
    assert host.asked.call_args.args == ("ebpf.fleet.bpf_audit",) and host.asked.call_args.kwargs["module_args"] == {}


def test_without_a_run_directory_nothing_is_written() -> None:
    assert Host(answer(planted.document())).run()["record"] is None


def test_check_mode_writes_only_into_a_run_of_check_mode(tmp_path: pathlib.Path) -> None:
    host = Host(answer(planted.document()), check=True, run_dir=str(tmp_path / "run"))
    result = host.run()
    assert result["record"] is None and result["verdicts"]["pass"] > 20 and not (tmp_path / "run").exists()
    Run(str(tmp_path / "run")).begin([], dry_run=True)
    assert Host(answer(planted.document()), check=True, run_dir=str(tmp_path / "run")).run()["record"]


def test_a_broken_rule_fails_before_the_host_is_asked(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text("rules:\n  - id: X\n    severity: no\n")
    host = Host(answer(planted.document()), rules=[str(path)])
    result = host.run()
    assert result["failed"] and f"{path}:3: severity" in result["msg"]
    host.asked.assert_not_called()


@pytest.mark.parametrize("options", [{"rulez": []}, {"builtin_rules": "perhaps"}, {"skip_rules": {}}])
def test_wrong_options_fail_before_the_host_is_asked(options: dict) -> None:
    host = Host(answer(planted.document()), **options)
    with pytest.raises(Exception, match=r"rulez|perhaps|skip_rules"):
        host.run()
    host.asked.assert_not_called()


def test_a_setting_that_is_none_fails_before_the_host_is_asked() -> None:
    host = Host(answer(planted.document()), settings={"kernel.panic": 1})
    result = host.run()
    assert result["failed"] and result["msg"].startswith("settings names kernel.panic; the BPF settings are ")
    host.asked.assert_not_called()


def test_the_profile_counts_and_is_in_the_record(tmp_path: pathlib.Path) -> None:
    seeing = planted.document(net__core__bpf_jit_harden=0)
    assert Host(answer(seeing)).run()["findings"]["medium"] == 1
    wanted = {"profile": "observability", "settings": {"net.core.bpf_jit_kallsyms": "0"}}
    assert sum(Host(answer(seeing), run_dir=str(tmp_path), **wanted).run()["findings"].values()) == 0
    record = Run(str(tmp_path)).fetch("web1")
    assert record["standard"] == {"profile": "observability", "settings": {"net.core.bpf_jit_kallsyms": 0}}


def test_an_unreachable_host_leaves_the_reason_and_stays_unreachable(tmp_path: pathlib.Path) -> None:
    host = Host(AnsibleConnectionFailure("no route to host"), run_dir=str(tmp_path))
    with pytest.raises(AnsibleConnectionFailure):
        host.run()
    record = Run(str(tmp_path)).fetch("web1")
    assert record["outcome"] == "unreachable" and "no route to host" in record["error"]


def audited(folder: pathlib.Path) -> str:
    """A run in which web1 was audited before."""
    Host(answer(planted.document()), run_dir=str(folder)).run()
    assert Run(str(folder)).fetch("web1")["outcome"] == "ok"
    return str(folder)


def test_a_host_whose_become_fails_does_not_keep_its_old_record(tmp_path: pathlib.Path) -> None:
    host = Host(AnsibleError("Missing sudo\npassword"), run_dir=audited(tmp_path))
    with pytest.raises(AnsibleError, match="Missing sudo"):
        host.run()
    record = Run(str(tmp_path)).fetch("web1")
    assert record["outcome"] == "failed" and record["error"] == "Missing sudo password" and "document" not in record


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"settings": {"kernel.panic": 1}}, "settings names kernel.panic"),
        ({"settings": {"kernel.kptr_restrict": "x"}}, "must be an integer"),
        ({"skip_rules": ["NO-1"]}, "skip_rules names NO-1"),
        ({"rules": ["/nowhere/at/all.yml"]}, "cannot read the file"),
    ],
)
def test_a_host_with_wrong_options_does_not_keep_its_old_record(
    tmp_path: pathlib.Path, options: dict, text: str
) -> None:
    host = Host(answer(planted.document()), run_dir=audited(tmp_path), **options)
    result = host.run()
    assert result["failed"] and text in result["msg"]
    record = Run(str(tmp_path)).fetch("web1")
    assert record["outcome"] == "failed" and text in record["error"]
    host.asked.assert_not_called()


def test_a_record_that_cannot_be_written_is_said(tmp_path: pathlib.Path) -> None:
    (tmp_path / "hosts").write_text("")
    result = Host(answer(planted.document()), run_dir=str(tmp_path)).run()
    assert result["failed"] and result["msg"].startswith(f"cannot write {tmp_path}/hosts/web1.json")


@pytest.mark.parametrize(
    ("given", "outcome", "text"),
    [
        ({"unreachable": True, "msg": "timed out"}, "unreachable", "timed out"),
        ({"failed": True, "msg": "boom"}, "failed", "boom"),
        (
            {"failed": True, "msg": "x", "module_stderr": "future feature annotations is not defined"},
            "failed",
            "ansible_python_interpreter",
        ),
        ({"changed": False}, "failed", "encoding None"),
        (answer({"schema": 99}), "failed", "not of schema 1"),
    ],
)
def test_a_host_that_fails_leaves_the_reason(tmp_path: pathlib.Path, given: dict, outcome: str, text: str) -> None:
    result = Host(given, run_dir=str(tmp_path)).run()
    assert result.get("failed") or result.get("unreachable")
    assert text in result["msg"] and "module_stderr" not in result
    record = Run(str(tmp_path)).fetch("web1")
    assert record["outcome"] == outcome and text in record["error"] and "document" not in record


def test_the_module_documents_the_options_that_both_parts_know() -> None:
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    for spec in (module.OPTIONS, ActionModule.OPTIONS):
        assert sorted(spec) == sorted(documented)
        for name, option in spec.items():
            for key in ("type", "elements", "default", "choices"):
                assert option.get(key) == documented[name].get(key), (name, key)
