# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The records of bpf_prog_code_info with what: xlated."""

from __future__ import annotations

from .._btf.reader import Spec
from .._objects import prog_code
from .._view import prog_code as view
from .._view.record import hide
from .code_hints import Hints
from .function_names import Specs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._insn.calls import Symbols

Reader, Unread = prog_code.Reader, prog_code.Code


def add(found: list[tuple[dict, prog_code.Code]], params: dict) -> None:
    """Put the code of programs into their records, in the format that the options ask for."""
    sources = prog_code.Names(), Specs(), Hints()
    shape = view.View(params["format"], params["opcodes"], params["linum"])
    known = view.symbols([code for _record, code in found], sources[0])
    sources[0].forget()
    for (record, code), each in zip(found, known):
        _add(record, code, each, shape, sources)


def _add(record: dict, code: prog_code.Code, known: Symbols, shape: view.View, sources: tuple) -> None:
    names, specs, hints = sources
    record.update({shape.format: None, "functions": None, "hints": []})
    if code.data is None:
        hide(record, {shape.format: code.why, "functions": code.why})
        record["hints"] = hints.of_hidden_code(code)
        return
    found = specs.get(code.btf_id) if code.btf_id else None
    spec = found if isinstance(found, Spec) else None
    title = f"{record['type']} {record['name']} id {record['id']}"
    record[shape.format] = shape.make(code, known, spec, title)
    record["functions"] = shape.functions(code, spec)
    record["hints"] = hints.of(code, names, view.unnamed(code, known))
    if isinstance(found, str):
        record["hints"].append(f"source lines and prototypes are missing: the BTF cannot be read ({found})")
