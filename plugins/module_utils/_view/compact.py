# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

# What a fact record keeps. Sizes and names are chosen so that 200 programs and 300 maps stay below 100 kB.
KEYS = {
    "programs": (
        "id", "type", "name", "tag", "uid", "jited", "bytes_xlated", "bytes_jited", "map_ids", "loaded_at",
    ),
    "maps": ("id", "type", "name", "bytes_key", "bytes_value", "max_entries", "bytes_memlock"),
    "btfs": ("id", "name", "size"),
    "pins": ("path", "kind", "id", "type", "name", "mode", "uid"),
}  # fmt: skip
# What facts leave out of links: a list that for one tracer may have thousands of items (func_cnt says how many),
# numbers that mean nothing outside of the kernel, and what the program's record tells.
_NOT_IN_LINKS = frozenset((
    "funcs", "unavailable", "addr", "cookie", "missed", "prog_type", "target_btf_id", "target_obj_id",
))  # fmt: skip


def compact(noun: str, records: list[dict]) -> tuple[list[dict], dict[str, str]]:
    """Return the short form of records, and why keys are missing that the kernel did not tell, one table for all.

    Keys that are None, and empty names and lists, are left out. Links keep most of what they have, as it is little.
    """
    keys = KEYS.get(noun)
    unavailable: dict[str, str] = {}
    result = []
    for record in records:
        wanted = keys or [key for key in record if key not in _NOT_IN_LINKS]
        result.append({key: record[key] for key in wanted if record[key] not in (None, "", [])})
        for key, why in record.get("unavailable", {}).items():
            if key in wanted:
                unavailable.setdefault(key, why)
    return result, unavailable
