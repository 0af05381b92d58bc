# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._run.document import UNUSABLE, unusable
from .text import cell

# Rows of all inventory tables of a report together: about 5 MB of HTML. Each host's file has everything.
_MOST_ROWS = 20000

TABLES = {
    "programs": ("id", "type", "name", "tag", "uid", "loaded_at", "jited", "bytes_memlock", "pids", "holders"),
    "maps": ("id", "type", "name", "max_entries", "bytes_memlock", "frozen", "pids", "holders"),
    "links": ("id", "type", "prog_id", "attach_type", "devname", "tp_name", "target_name", "func", "pids"),
    "pins": ("path", "kind", "id", "mode", "uid", "gid"),
    "sysctls": ("name", "running", "effective", "persistent", "reboot_required"),
}


class Inventory:
    """What runs where: the tables of each host for the HTML report, cut so that the whole stays readable."""

    def __init__(self, hosts):
        self._limit = max(10, min(1000, _MOST_ROWS // max(1, hosts * len(TABLES))))
        self._hosts = {}

    def watch(self, records):
        """Pass records of hosts on, and remember what the tables need of them."""
        for name, record in records:
            try:
                if record["outcome"] == "ok":
                    self._hosts[name] = self._of(record)
            except UNUSABLE as error:
                record = {"outcome": "failed", "error": unusable(error)}
            yield name, record

    def of(self, name):
        """Dict of one host: C(tables), C(caps), C(charged), C(evidence), C(unseen)."""
        return self._hosts[name]

    def _of(self, record):
        document = record["document"]
        memlock = document.get("memlock") or {}
        return {
            "tables": [self._table(noun, document) for noun in TABLES],
            "charged": cell("charged", memlock.get("charged")) or "unknown",
            "evidence": cell("evidence", memlock.get("evidence")),
            "caps": (document.get("privileges") or {}).get("caps"),
            "unseen": self._unseen(record),
        }

    def _table(self, noun, document):
        records = document.get(noun)
        hidden = (document.get("unavailable") or {}).get(noun, "the host did not tell")
        if records is None:
            return {"noun": noun, "count": None, "why": cell("why", hidden), "keys": (), "rows": (), "left": 0}
        keys = [key for key in TABLES[noun] if any(record.get(key) not in (None, [], "") for record in records)]
        rows = [[_shown(record, key) for key in keys] for record in records[: self._limit]]
        return {"noun": noun, "count": len(records), "keys": keys, "rows": rows, "left": len(records) - len(rows)}

    def _unseen(self, record):
        """[(fact, reason, rules that could not be decided for it)], as lines of text."""
        lines: dict[tuple[str, str], list[str]] = {
            (fact, str(reason)): [] for fact, reason in (record["document"].get("unavailable") or {}).items()
        }
        for one in record["verdicts"]:
            for reason in one["reasons"]:
                subjects = f" of {', '.join(reason['subjects'])}" if reason["subjects"] else ""
                lines.setdefault((reason["fact"] + subjects, reason["reason"]), []).append(one["rule"])
        return [(cell("", fact), cell("", reason), rules) for (fact, reason), rules in sorted(lines.items())]


def _shown(record, key):
    """Text of a cell; what the host could not tell is not the same as what it has none of."""
    value = record.get(key)
    if value is None:
        why = (record.get("unavailable") or {}).get(key)
        return f"? {cell(key, why)}" if why else ""
    return cell(key, value)
