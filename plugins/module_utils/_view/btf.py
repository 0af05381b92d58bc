# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from . import record as rec

KEYS = ("id", "size", "kernel", "name", "prog_ids", "map_ids")


def record(found, users: tuple[dict[int, list[int]], dict[int, list[int]]] | None, why: str = "") -> dict:
    """Return the record of a BTF object.

    ``users`` are two tables BTF id -> ids of the programs and maps that use it, None where they could not be read
    (``why``). ``name`` is vmlinux, a module, or empty for the BTF of programs.
    """
    if found.error is not None:
        return rec.unreadable(found.id, KEYS, errors.reason(found.error))
    result = {
        "id": found.id,
        "size": found.size,
        "kernel": found.kernel,
        "name": None if found.name is None else rec.text(found.name),
        "prog_ids": None if users is None else users[0].get(found.id, []),
        "map_ids": None if users is None else users[1].get(found.id, []),
    }
    if found.name is None:
        rec.hide(result, {"kernel": "unsupported", "name": "unsupported"})  # 5.11
    if users is None:
        rec.hide(result, {"prog_ids": why, "map_ids": why})
    return result
