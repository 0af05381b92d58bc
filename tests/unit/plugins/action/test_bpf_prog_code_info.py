# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.action.bpf_prog_code_info import ActionModule
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble

NAME = "ebpf.fleet.bpf_prog_code_info"


def answer(*raw: str | None) -> dict:
    functions = [{"name": "f", "proto": None, "address": "0x10", "offset": 0, "size": 1}]
    programs = [
        {"id": number, "raw": code, "machine": "x86_64", "functions": functions, "hints": [], "sources": [],
         "symbols": {}, **({} if code else {"unavailable": {"raw": "EPERM"}})}
        for number, code in enumerate(raw)
    ]  # fmt: skip
    return {"changed": False, "programs": programs, "near_matches": []}


class Host:
    def __init__(self, given: dict, **options: object) -> None:
        task = mock.MagicMock(args=options, check_mode=False, async_val=0, action=NAME)
        self.action = ActionModule(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
        self.action._load_name = NAME
        self.action._display = mock.MagicMock()
        self.asked = self.action._execute_module = mock.Mock(return_value=given)

    def run(self) -> dict:
        return self.action.run(task_vars={})


def test_code_of_the_verifier_passes_through() -> None:
    given = {"changed": False, "programs": [{"id": 1, "text": "x"}], "near_matches": []}
    host = Host(given, id=1, opcodes=True)
    assert host.run()["programs"] == [{"id": 1, "text": "x"}]
    host.asked.assert_called_once_with(NAME, module_args={"id": 1, "opcodes": True}, task_vars={}, wrap_async=0)


@pytest.mark.parametrize(("format", "expected"), [("text", "f:\n   0:\tretq\n"), ("raw", "c3")])
def test_machine_code(format: str, expected: str) -> None:
    result = Host(answer("c3", None), what="jited", format=format).run()
    assert [program[format] for program in result["programs"]] == [expected, None]


def test_records() -> None:
    (program,) = Host(answer("c3"), what="jited", format="records", opcodes=True).run()["programs"]
    assert program["records"][0]["opcodes"] == ["0xc3"]


def test_without_capstone_there_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    disassemble._engine.cache_clear()
    host = Host(answer("c3", "90"), what="jited")
    result = host.run()
    assert "failed" not in result
    assert [program["raw"] for program in result["programs"]] == ["c3", "90"]
    host.action._display.warning.assert_called_once()
    assert "pip install capstone" in host.action._display.warning.call_args.args[0]


def test_a_failure_is_that_of_the_target() -> None:
    failed = {"failed": True, "msg": "no", "failure": {"errno": 1}}
    assert Host(failed, what="jited").run()["failure"] == {"errno": 1}


def test_a_graph_of_machine_code_fails_before_the_host_is_asked() -> None:
    host = Host({}, what="jited", format="dot")
    result = host.run()
    assert result["failed"] and "it goes with what: xlated" in result["msg"]
    host.asked.assert_not_called()


def test_options_are_checked_before_the_host_is_asked() -> None:
    with pytest.raises(AnsibleActionFail, match="value of format must be one of: text, records, dot, raw"):
        Host({}, format="svg").run()
    with pytest.raises(AnsibleActionFail, match="Unsupported parameters"):
        Host({}, include=["pids"]).run()
