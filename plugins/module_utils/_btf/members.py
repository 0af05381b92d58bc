# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""A type as a task writes it, C text or a mapping of members and their types -> C text."""

from __future__ import annotations

import re

from .errors import WrongValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# "__u8[6]", "__u32:3": what is behind the type goes behind the name.
_PARTS = re.compile(r"(.*?)((?:\s*\[[^][]*\])*|\s*:\s*\d+)\s*\Z", re.S)
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.A)


def text(told: Any, field: str = "") -> str:
    """Return the C text of a type; raises WrongValue, which names the member."""
    return told if isinstance(told, str) else _struct(told, field)


def _struct(told: Any, field: str) -> str:
    if not isinstance(told, dict) or not told:
        raise WrongValue(field, f"{told!r} is neither C text nor a mapping of members and their types")
    return "struct { " + " ".join([_member(name, one, field) for name, one in told.items()]) + " }"


def _member(name: Any, told: Any, field: str) -> str:
    field = f"{field}.{name}" if field else str(name)
    if not isinstance(name, str) or not _NAME.match(name):
        raise WrongValue(field, "is no name of a member")
    if not isinstance(told, str):
        return f"{_struct(told, field)} {name};"
    if ";" in told or "{" in told:
        raise WrongValue(field, "takes the name of a type, or a mapping for a struct in the struct")
    found = _PARTS.match(told)
    return f"{found.group(1)} {name}{found.group(2)};" if found else ""
