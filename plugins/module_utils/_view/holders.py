# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .record import hide


def add_holders(programs: list[dict], maps: list[dict], links: list[dict] | None) -> None:
    """Put ``holders`` into records of programs and maps: what visibly keeps the object, out of pids, pinned, links,
    programs.

    Both need their ``pids`` and ``pinned`` columns. An empty list is a claim and needs all sources: where one is
    missing and the others show nothing, the key is None with the reason. Programs in tail call maps, on network devices
    without a link, in cgroups without a link and behind perf events are held by what is not looked at here.
    """
    linked = None if links is None else {link["prog_id"] for link in links}
    for program in programs:
        _put(program, {"links": None if linked is None else program["id"] in linked})
    used = {number for program in programs for number in program["map_ids"] or ()}
    # A program that could not be read may use any map.
    unused = None if any(program["map_ids"] is None for program in programs) else False
    for found in maps:
        _put(found, {"programs": found["id"] in used or unused})


def _put(record: dict, held: dict) -> None:
    for key in ("pids", "pinned"):
        held[key] = None if record[key] is None else bool(record[key])
    record["holders"] = sorted(key for key, holds in held.items() if holds)
    unknown = [key for key, holds in held.items() if holds is None]
    if unknown and not record["holders"]:
        hide(record, {"holders": "{} not known".format(", ".join(unknown))})
