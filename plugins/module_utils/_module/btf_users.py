# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def users_of(programs: Iterable, maps: Iterable) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return two tables: BTF id -> ids of the programs, and of the maps, that use it."""
    return _by_btf(programs), _by_btf(maps)


def _by_btf(found: Iterable) -> dict[int, list[int]]:
    users: dict[int, list[int]] = {}
    for one in found:
        if one.info is not None and one.info.btf_id:
            users.setdefault(one.info.btf_id, []).append(one.id)
    return users
