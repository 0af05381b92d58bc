# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The records of bpf_map_info: those of `maps`, which others list as well, and the column that it alone has."""

from __future__ import annotations

from . import maps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

INCLUDE = (*maps.INCLUDE, "fill")


def read(selector: Any = None, include: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the records of maps as `maps.read` does, with the column ``fill`` where it is asked for."""
    records = maps.read(selector, include)
    if "fill" in include:
        from . import map_fill

        map_fill.add(records, selector)
    return records
