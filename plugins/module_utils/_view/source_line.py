# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What BTF tells of the source of code: function names, prototypes and source lines. Damage costs what it is about."""

from __future__ import annotations

from .._btf import kinds
from .._btf.errors import BtfError
from .._btf.prototype import prototype, string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec

_BLANKS = " \t\n\v\f\r"


def proto(spec: Spec, type_id: int) -> str:
    """Return the prototype of a function, "" where there is none."""
    try:
        return prototype(spec, type_id)
    except BtfError:
        return ""


def function_name(spec: Spec, type_id: int) -> str:
    """Return the name of a function, "" where there is none."""
    try:
        found = spec.type(type_id)
    except BtfError:
        return ""
    return found.name if found.kind == kinds.FUNC else ""


def line(spec: Spec, file: int, text: int, position: int, linum: bool = True) -> dict[str, Any]:
    """Return ``src`` and, with ``linum``, ``file line_num line_col`` of a record of line_info; {} where it is damaged.

    ``file`` and ``text`` are offsets into the strings of BTF, ``position`` is line << 10 | column.
    """
    try:
        found = {"src": string(spec, text).lstrip(_BLANKS), "file": string(spec, file)}
    except BtfError:
        return {}
    if not linum:
        return {"src": found["src"]}
    return dict(found, line_num=position >> 10, line_col=position & 0x3FF)


def shown(head: dict[str, Any]) -> str:
    """Return what stands before an instruction in a listing, of ``proto`` and the keys of `line`."""
    text = f"{head['proto']}:\n" if "proto" in head else ""
    if "file" in head:
        return text + "; {src} [file:{file} line_num:{line_num} line_col:{line_col}]\n".format(**head)
    return f"{text}; {head['src']}\n" if "src" in head else text
