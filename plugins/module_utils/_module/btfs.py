# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._objects import btf, ids, map, prog
from .._view import btf as view
from . import btf_users, columns, single

INCLUDE = ("pids",)


def read(selector=None, include=()) -> list[dict]:
    """Return the records of BTF objects: all of them, or the one with an id.

    ``prog_ids`` and ``map_ids`` come from a walk over all programs and maps, as the kernel keeps no such list. Raises
    `KernelError` where BTF objects cannot be listed (EINVAL before Linux 5.4).
    """
    reader = btf.Reader()
    if single.names_one(selector):
        found = single.read_one(ids.BTF, selector, reader.read)
    else:
        found = list(ids.scan(ids.BTF, reader.read, btf.Btf))
    users, why = _read_users() if found else (None, "")
    records = [view.record(one, users, why) for one in found]
    columns.add_columns(records, "btf", include)
    return records


def _read_users() -> tuple[tuple | None, str]:
    programs, maps = prog.Reader(fdinfo=False), map.Reader(fdinfo=False)
    try:
        return btf_users.users_of(
            ids.scan(ids.PROG, programs.read, prog.Program), ids.scan(ids.MAP, maps.read, map.Map)
        ), ""
    except errors.KernelError as error:
        return None, errors.reason(error)
