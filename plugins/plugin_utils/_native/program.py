# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The record of a program with machine code, as it comes from the target -> as users get it."""

from __future__ import annotations

from typing import Any

from .._errors import FleetError
from .disassemble import as_bytes
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
    try:
        program[format] = _listing(program, format, opcodes, (sources, symbols))
    except FleetError as error:
        program["unavailable"] = dict(gone, **{format: "not disassembled"})
        program["hints"].append(f"{error}; until then the code is in raw")
        return str(error)
    del program["raw"]
    return ""


def listed(program: dict[str, Any], format: str, opcodes: bool) -> str:
    """Like C(finish) for who needs a listing anyhow: where there is no disassembler, it is one of the bytes alone."""
    why = finish(program, format, opcodes)
    if why:
        program[format] = _listing(program, format, opcodes, ([], {}, as_bytes))
        del program["raw"], program["unavailable"][format]
        program["hints"][-1] = f"{why}; until then the listing has nothing but bytes"
    return why


def _listing(program, format, opcodes, beside):
    code = Code(bytes.fromhex(program["raw"]), program["machine"], program["functions"], *beside)
    return code.text(opcodes) if format == "text" else code.records(opcodes)
