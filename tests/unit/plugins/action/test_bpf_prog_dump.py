# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import zlib
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.action import bpf_prog_dump
from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble

NAME = "ebpf.fleet.bpf_prog_dump"
FUNCTIONS = [{"name": "f", "proto": None, "address": "0x10", "offset": 0, "size": 1}]
WRITTEN = {"changed": True, "dest": "/d", "size": 1, "sha256": "0"}


def machine_code() -> dict:
    return {
        "id": 30, "raw": "c3", "machine": "x86_64", "functions": FUNCTIONS, "hints": ["h"], "sources": [],
        "symbols": {},
    }  # fmt: skip


class Host:
    def __init__(self, *answers: dict, **options: object) -> None:
        options = {"id": 30, "dest": "/d", **options}
        task = mock.MagicMock(args=options, check_mode=False, async_val=0, action=NAME)
        self.action = bpf_prog_dump.ActionModule(
            task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None
        )
        self.action._load_name = NAME
        self.action._display = mock.MagicMock()
        self.asked = self.action._execute_module = mock.Mock(side_effect=answers)

    def run(self) -> dict:
        return self.action.run(task_vars={})

    def content(self) -> bytes:
        """What the second of two calls was given to write."""
        first, second = (call.kwargs["module_args"] for call in self.asked.call_args_list)
        packed = second.pop("_content")
        assert first == second
        return zlib.decompress(base64.b64decode(packed))


def test_what_the_target_writes_itself_passes_through() -> None:
    host = Host(dict(WRITTEN, program={"id": 30}, hints=[]), opcodes=True)
    assert host.run()["program"] == {"id": 30}
    host.asked.assert_called_once_with(
        NAME, module_args={"id": 30, "dest": "/d", "opcodes": True}, task_vars={}, wrap_async=0
    )


def test_machine_code_is_listed_here_and_written_there() -> None:
    host = Host({"changed": False, "program": machine_code()}, WRITTEN, what="jited", mode="0640")
    result = host.run()
    assert host.content() == b"f:\n   0:\tretq\n"
    assert result["program"] == {"id": 30, "machine": "x86_64", "functions": FUNCTIONS}
    assert (result["changed"], result["dest"], result["hints"]) == (True, "/d", ["h"])


def test_records() -> None:
    host = Host({"changed": False, "program": machine_code()}, WRITTEN, what="jited", format="records")
    host.run()
    assert [json.loads(line)["disasm"] for line in host.content().splitlines()] == ["retq"]


def test_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpf_prog_dump, "draw", lambda graph, form: f"{form} of {graph}".encode())
    program = {"id": 30, "dot": "digraph {}", "functions": FUNCTIONS, "hints": []}
    host = Host({"changed": False, "program": program}, WRITTEN, format="png")
    result = host.run()
    assert host.content() == b"png of digraph {}" and "dot" not in result["program"]


def test_without_graphviz_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpf_prog_dump, "draw", mock.Mock(side_effect=FleetError("graphviz is missing")))
    program = {"id": 30, "dot": "digraph {}", "functions": FUNCTIONS, "hints": []}
    host = Host({"changed": False, "program": program}, format="svg")
    result = host.run()
    assert result["failed"] and result["msg"] == "graphviz is missing"
    host.asked.assert_called_once()


def test_without_capstone_the_listing_is_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    disassemble._engine.cache_clear()
    host = Host({"changed": False, "program": machine_code()}, WRITTEN, what="jited")
    result = host.run()
    assert host.content() == b"f:\n   0:\t.byte 0xc3\n"
    assert "pip install capstone" in result["hints"][1] and "raw" not in result["program"]
    host.action._display.warning.assert_called_once()


@pytest.mark.parametrize("answers", [[{"failed": True, "msg": "no"}], [{"program": machine_code()}, {"failed": True}]])
def test_failures_of_the_target(answers: list[dict]) -> None:
    result = Host(*answers, what="jited").run()
    assert result["failed"] and "program" not in result


def test_options_are_checked_before_the_host_is_asked() -> None:
    host = Host(what="jited", format="svg")
    assert "it goes with what: xlated" in host.run()["msg"]
    with pytest.raises(AnsibleActionFail, match="value of format must be one of"):
        Host(format="gif").run()
    with pytest.raises(AnsibleActionFail, match="Unsupported parameters"):
        Host(_content="x").run()
