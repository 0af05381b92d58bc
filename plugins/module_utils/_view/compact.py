# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

# What a fact record keeps. Sizes and names are chosen so that 200 programs and 300 maps stay below 100 kB.
KEYS = {
    "programs": (
        "id", "type", "name", "tag", "uid", "jited", "bytes_xlated", "bytes_jited", "bytes_memlock", "map_ids",
        "loaded_at",
    ),
    "maps": ("id", "type", "name", "bytes_key", "bytes_value", "max_entries", "bytes_memlock"),
    "btfs": ("id", "name", "size"),
    "pins": ("path", "kind", "id", "type", "name", "mode", "uid"),
}  # fmt: skip


def compact(noun: str, records: list[dict]) -> tuple[list[dict], dict[str, str]]:
    """Return the short form of records, and why keys are missing that the kernel did not tell, one table for all.

    Keys that are None, and empty names and lists, are left out. Links keep what they have, since most of it is None,
    but not ``funcs``: one tracer may have thousands, and ``func_cnt`` says how many.
    """
    keys = KEYS.get(noun)
    unavailable: dict[str, str] = {}
    result = []
    for record in records:
        wanted = keys or [key for key in record if key not in ("funcs", "unavailable")]
        result.append({key: record[key] for key in wanted if record[key] not in (None, "", [])})
        for key, why in record.get("unavailable", {}).items():
            if key in wanted:
                unavailable.setdefault(key, why)
    return result, unavailable
