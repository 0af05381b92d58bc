# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import ids, map
from .._view import map as view
from . import columns, single

INCLUDE = ("pinned", "pids")


def read(selector=None, include=()) -> list[dict]:
    """Return the records of maps: all of them, or the one that a selector names by id or pin.

    ``include`` adds columns out of `INCLUDE`. Raises `KernelError` where maps cannot be listed at all.
    """
    reader = map.Reader()
    if single.names_one(selector):
        maps = single.read_one(ids.MAP, selector, reader.read)
    else:
        maps = list(ids.scan(ids.MAP, reader.read, map.Map))
    maker = view.View(reader.call.has)
    records = [maker.record(found) for found in maps]
    columns.add_columns(records, "map", include)
    return records
