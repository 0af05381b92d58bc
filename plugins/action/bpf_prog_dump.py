# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import zlib

from ..plugin_utils._action import FleetAction
from ..plugin_utils._native.draw import PICTURES, draw
from ..plugin_utils._native.options import CODE, DISASSEMBLED, FORMATS, SELECTORS, check
from ..plugin_utils._native.program import listed


class ActionModule(FleetAction):
    _supports_async = True
    # Those of files are the target's alone.
    OPTIONS = {
        **SELECTORS,
        **CODE,
        "format": {"type": "str", "choices": [*FORMATS, *PICTURES], "default": "text"},
        "dest": {"type": "str", "required": True},
        **{key: {"type": "str"} for key in ("owner", "group", "seuser", "serole", "setype", "selevel")},
        "attributes": {"type": "str", "aliases": ["attr"]},
        "mode": {"type": "raw"},
        "unsafe_writes": {"type": "bool", "default": False},
    }

    def afterwards(self, options):
        if options["format"] in PICTURES:
            return (
                "pictures are drawn on the controller once the module has ended, which a task with async does not wait "
                "for; take format: dot and the filter ebpf.fleet.bpf_cfg"
            )
        return DISASSEMBLED if options["what"] == "jited" and options["format"] != "raw" else ""

    def work(self, options, variables):
        check(options)
        answer = self._ask(variables)
        if "dest" in answer or "program" not in answer:
            return answer
        program = answer["program"]
        data = self._made(program, options)
        written = self._ask(variables, _content=base64.b64encode(zlib.compress(data)).decode("ascii"))
        if "dest" not in written:
            return written
        hints = program.pop("hints")
        return {**written, "program": program, "hints": hints}

    def _ask(self, variables, **more):
        arguments = {**self._task.args, **more}
        return self.ask("bpf_prog_dump", arguments, variables)

    def _made(self, program, options):
        """The bytes of the file that only the controller can make, of the record as it came; that is left brief."""
        if options["format"] in PICTURES:
            return draw(program.pop("dot"), options["format"])
        failure = listed(program, options["format"], options["opcodes"])
        if failure:
            self._display.warning(f"machine code is written as bytes: {failure}")
        program.pop("unavailable", None)
        listing = program.pop(options["format"])
        if options["format"] == "text":
            return listing.encode("utf-8", "backslashreplace")
        return "".join(json.dumps(record) + "\n" for record in listing).encode("ascii")
