# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The records of bpf_prog_code_info with what: jited, which the action plugin makes listings of."""

from __future__ import annotations

import os

from .._btf.reader import Spec
from .._objects import prog_code, prog_jited
from .._view import prog_jited as view
from .._view.record import hide
from .code_hints import Hints
from .function_names import Specs

Reader, Unread = prog_jited.Reader, prog_jited.Code


def add(found: list[tuple[dict, prog_jited.Code]], params: dict) -> None:
    """Put machine code into the records of programs: ``raw``, ``functions``, ``machine``, and for listings ``sources``
    and ``symbols`` (of what is called, hexadecimal address -> name)."""
    machine = os.uname().machine
    names, specs, hints = prog_code.Names(), Specs(), Hints()
    targets = [view.targets(code, machine) for _record, code in found]
    wanted = set().union(*targets, *(code.addresses or () for _record, code in found))
    known = names.find(wanted) if wanted else {}
    for (record, code), called in zip(found, targets):
        record.update(raw=None, functions=None, machine=machine, hints=[])
        if code.data is None:
            hide(record, {"raw": code.why, "functions": code.why})
            record["hints"] = hints.of_hidden_machine_code(code)
            continue
        blob = specs.get(code.btf_id) if code.btf_id else None
        spec = blob if isinstance(blob, Spec) else None
        record.update(raw=code.data.hex(), functions=view.functions(code, known, spec))
        record["hints"] = hints.of_machine_code(names, view.unnamed(code, known))
        if isinstance(blob, str):
            record["hints"].append(f"source lines and prototypes are missing: the BTF cannot be read ({blob})")
        if params["format"] != "raw":
            record["sources"] = view.sources(code, spec, params["linum"])
            record["symbols"] = view.symbols(called, known, record["functions"])
