# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task of a play took to the file that TASK_TIMES names, as JSON: {name: [seconds, ...]}."""

from __future__ import annotations

import json
import os
import time

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self._times = {}
        self._start = 0.0

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._start = time.perf_counter()

    def v2_runner_on_ok(self, result, **kwargs):
        name = result._task.name if hasattr(result, "_task") else result.task.name
        self._times.setdefault(name, []).append(time.perf_counter() - self._start)

    def v2_playbook_on_stats(self, stats):
        with open(os.environ["TASK_TIMES"], "w", encoding="ascii") as target:
            json.dump(self._times, target)
