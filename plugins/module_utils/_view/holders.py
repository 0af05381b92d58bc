# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .record import hide

# None: it could not be read, and may be one.
_STRUCT_OPS = ("struct_ops", None)


def add_holders(programs: list[dict], maps: list[dict], links: list[dict] | None, linkable: bool = True) -> None:
    """Put ``holders`` into records of programs and maps: what visibly keeps the object, out of pids, pinned, links,
    programs.

    Both need their ``pids`` and ``pinned`` columns. An empty list is a claim and needs all sources: where one is
    missing and the others show nothing, the key is None with the reason. Programs in tail call maps, on network devices
    without a link, in cgroups without a link and behind perf events are held by what is not looked at here, and so are
    inner maps and struct_ops maps that were registered without a link. ``linkable``: whether a link can hold a map.
    """
    # A link or program that could not be read may hold anything.
    unlinked = None if links is None or any(link["prog_id"] is None for link in links) else False
    linked = {link["prog_id"] for link in links or ()}
    # Its programs have links without ids inside a struct_ops map; the link that registers it names only the map.
    unseen = None if any(found["type"] in _STRUCT_OPS for found in maps) else False
    for program in programs:
        held = {"links": program["id"] in linked or unlinked}
        if program["type"] in _STRUCT_OPS:
            held["struct_ops maps"] = unseen
        _put(program, held)
    used = {number for program in programs for number in program["map_ids"] or ()}
    unused = None if any(program["map_ids"] is None for program in programs) else False
    linked = {link["map_id"] for link in links or ()}
    unlinked = unlinked if linkable else False
    for found in maps:
        _put(found, {"programs": found["id"] in used or unused, "links": found["id"] in linked or unlinked})


def _put(record: dict, held: dict) -> None:
    for key in ("pids", "pinned"):
        held[key] = None if record[key] is None else bool(record[key])
    record["holders"] = sorted(key for key, holds in held.items() if holds)
    unknown = [key for key, holds in held.items() if holds is None]
    if unknown and not record["holders"]:
        hide(record, {"holders": "{} not known".format(", ".join(unknown))})
