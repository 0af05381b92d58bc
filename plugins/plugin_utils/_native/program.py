# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The record of a program with machine code, as it comes from the target -> as users get it."""

from __future__ import annotations

from typing import Any

from .._errors import FleetError
from .listing import Code


def finish(program: dict[str, Any], format: str, opcodes: bool) -> str:
    """Put the listing C(format) (C(text) or C(records)) into the place of C(raw); the record is changed.

    Returns why it could not be made, "" where it could: then the listing is None and C(raw) stays.
    """
    sources, symbols = program.pop("sources", []), program.pop("symbols", {})
    gone = program.get("unavailable", {})
    program[format] = None
    if program["raw"] is None:
        del program["raw"]
        gone[format] = gone.pop("raw")
        return ""
    code = Code(bytes.fromhex(program["raw"]), program["machine"], program["functions"], sources, symbols)
    try:
        program[format] = code.text(opcodes) if format == "text" else code.records(opcodes)
    except FleetError as error:
        program["unavailable"] = dict(gone, **{format: "not disassembled"})
        program["hints"].append(f"{error}; until then the code is in raw")
        return str(error)
    del program["raw"]
    return ""
