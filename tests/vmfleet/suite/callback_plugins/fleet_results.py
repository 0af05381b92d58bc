# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down what each task did on each host, one JSON object a line, for the suite to judge."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_results
type: aggregate
short_description: Write the outcome of each task to a file
description: One JSON object a line, into the file that C(VMFLEET_RESULTS) names.
options:
  path:
    description: The file.
    type: path
    env: [{name: VMFLEET_RESULTS}]
"""

import json
import os
import time

from ansible.plugins.callback import CallbackBase

LONGEST = 4000
SKIPPED = "skipped: "


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "fleet_results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.begun: dict[tuple[str, str], float] = {}
        self.path = ""

    def write(self, **line) -> None:
        if self.path:
            with open(self.path, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")

    def result(self, state: str, result, ignored: bool = False) -> None:
        task, host = result._task, result._host.get_name()
        seconds = time.monotonic() - self.begun.pop((host, task._uuid), time.monotonic())
        said = result._result.get("msg", "")
        line = {"host": host, "task": task.get_name(), "state": state, "seconds": round(seconds, 3)}
        if ignored:
            line["ignored"] = True
        if state in ("failed", "unreachable") or str(said).startswith(SKIPPED):
            line["msg"] = str(said)[:LONGEST]
        if "vmfleet" in result._result.get("ansible_stats", {}).get("data", {}):
            line["told"] = result._result["ansible_stats"]["data"]["vmfleet"]
        self.write(**line)

    # ---- what ansible calls

    def v2_playbook_on_start(self, playbook) -> None:
        self.path = self.get_option("path")
        # not for playbooks that tasks of this one run
        os.environ.pop("VMFLEET_RESULTS", None)

    def v2_playbook_on_task_start(self, task, is_conditional) -> None:
        self.write(begins=task.get_name(), at=str(task.get_path()).rpartition("/ansible_collections/")[2])

    def v2_runner_on_start(self, host, task) -> None:
        self.begun[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result) -> None:
        self.result("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:
        self.result("failed", result, ignore_errors)

    def v2_runner_on_skipped(self, result) -> None:
        self.result("skipped", result)

    def v2_runner_on_unreachable(self, result) -> None:
        self.result("unreachable", result, bool(result._task.ignore_unreachable))

    def v2_playbook_on_stats(self, stats) -> None:
        self.write(recap={host: stats.summarize(host) for host in stats.processed})
