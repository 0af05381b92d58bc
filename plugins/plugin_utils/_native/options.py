# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Options of the modules that show code; those that name programs are looked at on the target alone."""

from __future__ import annotations

from typing import Any

from .._errors import FleetError

FORMATS = ("text", "records", "dot", "raw")
CODE: dict[str, dict[str, Any]] = {
    "what": {"type": "str", "choices": ["xlated", "jited"], "default": "xlated"},
    "opcodes": {"type": "bool", "default": False},
    "linum": {"type": "bool", "default": False},
}
SELECTORS: dict[str, dict[str, Any]] = {
    "id": {"type": "int"},
    "name": {"type": "str"},
    "pinned": {"type": "str"},
    "tag": {"type": "str"},
}
DISASSEMBLED = (
    "machine code is disassembled on the controller once the module has ended, which a task with async does not wait "
    "for; take format: raw and the filter ebpf.fleet.bpf_jit_disasm"
)


def check(options: dict[str, Any]) -> None:
    """FleetError for a picture of machine code."""
    if options["what"] == "jited" and options["format"] not in ("text", "records", "raw"):
        raise FleetError(
            f"format: {options['format']} shows the control flow of the instructions that the verifier has left: it "
            "goes with what: xlated, not with jited"
        )
