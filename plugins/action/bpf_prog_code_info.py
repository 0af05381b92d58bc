# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ..plugin_utils._action import FleetAction
from ..plugin_utils._native.options import CODE, DISASSEMBLED, FORMATS, SELECTORS, check
from ..plugin_utils._native.program import finish


class ActionModule(FleetAction):
    _supports_async = True
    OPTIONS = {
        **SELECTORS,
        **CODE,
        "type": {"type": "str"},
        "required": {"type": "bool", "default": False},
        "format": {"type": "str", "choices": list(FORMATS), "default": "text"},
    }

    def afterwards(self, options):
        return DISASSEMBLED if options["what"] == "jited" and options["format"] != "raw" else ""

    def work(self, options, variables):
        check(options)
        answer = self.ask("bpf_prog_code_info", dict(self._task.args), variables)
        if self.afterwards(options):
            failures = {
                finish(program, options["format"], options["opcodes"]) for program in answer.get("programs") or ()
            }
            for failure in sorted(failures - {""}):
                self._display.warning(f"machine code is returned as bytes: {failure}")
        return answer
