# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from collections import namedtuple

SEVERITIES = ("info", "low", "medium", "high", "critical")
_JUDGED_BY = ("id", "needs", "applies_when", "query")

# ``query`` and ``applies_when`` are syntax trees (None: applies always), ``needs`` names of facts, ``nullable`` keys
# whose null is an answer, ``basis`` all that a verdict hangs on, as text, ``place`` "file:line", of our own rules the
# file.
Rule = namedtuple(
    "Rule", "id title severity rationale remediation references applies_when needs nullable query basis place"
)


def make_rule(data, trees, place):
    """A rule out of the fields of a pack; ``trees`` are the syntax trees of its expressions."""
    return Rule(
        id=data["id"],
        title=data["title"],
        severity=data["severity"],
        rationale=data["rationale"],
        remediation=data["remediation"],
        references=tuple(data.get("references", ())),
        applies_when=trees.get("applies_when"),
        needs=tuple(need.rstrip("?") for need in data["needs"]),
        nullable=tuple(need[:-1].rpartition(".")[2] for need in data["needs"] if need.endswith("?")),
        query=trees["query"],
        basis=repr([data.get(key) for key in _JUDGED_BY]),
        place=place,
    )
