# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ..plugin_utils._action import FleetAction
from ..plugin_utils._native.jit_log import finish


class ActionModule(FleetAction):
    OPTIONS = {
        "src": {"type": "str"},
        "last": {"type": "int"},
        "machine": {"type": "str"},
        "opcodes": {"type": "bool", "default": False},
    }

    def work(self, options, variables):
        answer = self.ask("bpf_jit_log_info", dict(self._task.args), variables)
        images = answer.get("images") or []
        failures = {finish(image, answer["machine"], options["opcodes"]) for image in images} - {""}
        for failure in sorted(failures):
            self._display.warning(f"images are returned as bytes: {failure}")
            answer["hints"].append(f"{failure}; until then the bytes are in code")
        return answer
