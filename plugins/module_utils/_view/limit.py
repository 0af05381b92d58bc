# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Limits that are settings, in the form of those of processes (memlock.py)."""

from __future__ import annotations

from .._objects.limit_pair import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

    from .._objects.limit_pair import Pair
    from .._objects.pam_limits import Line


def systemd_record(scope: str, name: str, pair: Pair, file: str | None) -> dict[str, Any]:
    """Return the limit that a unit, or the manager, gives to what it starts; ``file`` is where it comes from."""
    result = _record(scope, pair, file)
    if scope == "unit":
        result["unit"] = name
    if None in pair:
        result["unavailable"] = dict.fromkeys(("soft", "hard"), "systemd tells it of loaded units only")
    return result


def user_record(user: str, lines: Sequence[Line]) -> dict[str, Any]:
    """Return what the lines of PAM, at least one, give to one user; the file is that of the last one.

    None in ``soft`` or ``hard``: they set nothing.
    """
    soft = next((line.soft for line in reversed(lines) if line.soft is not None), None)
    hard = next((line.hard for line in reversed(lines) if line.hard is not None), None)
    return dict(_record("user", (soft, hard), lines[-1].path), user=user)


def _record(scope: str, pair: Pair, file: str | None) -> dict[str, Any]:
    soft, hard = (word(value) for value in pair)
    empty = dict.fromkeys(("pid", "comm", "unit", "user"))
    return {"scope": scope, **empty, "soft": soft, "hard": hard, "file": file}
