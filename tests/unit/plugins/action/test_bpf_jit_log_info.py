# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from unittest import mock

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.ebpf.fleet.plugins.action.bpf_jit_log_info import ActionModule
from ansible_collections.ebpf.fleet.plugins.modules import bpf_jit_log_info as module
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble


def answer(*codes: str) -> dict:
    images = [{"flen": 6, "proglen": 2, "pass": 3, "image": "ffffffffa0069c8f", "code": code} for code in codes]
    return {"changed": False, "machine": "x86_64", "images": images, "problems": [], "hints": []}


class Host:
    """The action plugin on a host that answers what the test says."""

    def __init__(self, given: dict, **options: object) -> None:
        task = mock.MagicMock(args=options, check_mode=False, async_val=0, action="ebpf.fleet.bpf_jit_log_info")
        self.action = ActionModule(task, mock.MagicMock(), mock.MagicMock(), DataLoader(), mock.MagicMock(), None)
        self.action._load_name = "ebpf.fleet.bpf_jit_log_info"
        self.action._display = mock.MagicMock()
        self.asked = self.action._execute_module = mock.Mock(return_value=given)

    def run(self) -> dict:
        return self.action.run(task_vars={})


def test_images_are_disassembled_here() -> None:
    pytest.importorskip("capstone")
    host = Host(answer("c9c3", "90c3"), opcodes=True, src="/var/log/dmesg")
    result = host.run()
    assert [image["text"].splitlines()[2:] for image in result["images"]] == [
        ["   0:\tleaveq", "\tc9", "   1:\tretq", "\tc3"],
        ["   0:\tnop", "\t90", "   1:\tretq", "\tc3"],
    ]
    assert result["hints"] == [] and not host.action._display.warning.called
    assert host.asked.call_args.kwargs["module_args"] == {"opcodes": True, "src": "/var/log/dmesg"}


def test_without_capstone_there_are_bytes_and_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    disassemble._engine.cache_clear()
    host = Host(answer("c9c3", "90c3"))
    result = host.run()
    assert "failed" not in result
    assert [(image["code"], image["text"]) for image in result["images"]] == [("c9c3", None), ("90c3", None)]
    (hint,) = result["hints"]
    assert "capstone is missing on the controller" in hint and hint.endswith("the bytes are in code")
    host.action._display.warning.assert_called_once()


def test_a_failure_of_the_module_is_handed_on() -> None:
    failed = {"failed": True, "msg": "cannot read the log", "failure": {"name": "EPERM"}}
    assert Host(failed).run()["failure"] == {"name": "EPERM"}


@pytest.mark.parametrize("options", [{"last": "many"}, {"file": "x"}])
def test_wrong_options_fail_before_the_host_is_asked(options: dict) -> None:
    host = Host(answer(), **options)
    with pytest.raises(Exception, match=r"last|file"):
        host.run()
    host.asked.assert_not_called()


def test_the_options_are_those_of_the_module() -> None:
    assert ActionModule.OPTIONS == module.OPTIONS
