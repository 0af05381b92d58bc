# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import memlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def limit_record(limit: memlock.Limit) -> dict[str, Any]:
    """Return the limit of one process; ``soft`` and ``hard`` are bytes or the word ``unlimited``."""
    result = {
        "scope": "process",
        "pid": limit.pid,
        "comm": limit.comm,
        "unit": limit.unit,
        "user": limit.user,
        "soft": _word(limit.soft),
        "hard": _word(limit.hard),
        "file": None,
    }
    if limit.unavailable:
        result["unavailable"] = limit.unavailable
    return result


def _word(value: int | None) -> int | str | None:
    return "unlimited" if value == memlock.UNLIMITED else value
