# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .judge import FAIL, NOT_APPLICABLE, PASS, UNKNOWN
from .rule import SEVERITIES

NOUNS = ("programs", "maps", "links", "btfs", "pins")


def counts(document):
    """{noun: number of objects} of one host, None where they could not be listed."""
    return {noun: None if document.get(noun) is None else len(document[noun]) for noun in NOUNS}


def verdicts(judged):
    """{verdict: number of rules} of one host, every verdict there."""
    counts = dict.fromkeys((PASS, FAIL, UNKNOWN, NOT_APPLICABLE), 0)
    for one in judged:
        counts[one["verdict"]] += 1
    return counts


def findings(rules, judged):
    """{severity: number of rules that failed} of one host, the worst severity first, every severity there."""
    severity = {rule.id: rule.severity for rule in rules}
    counts = dict.fromkeys(reversed(SEVERITIES), 0)
    for one in judged:
        if one["verdict"] == FAIL:
            counts[severity[one["rule"]]] += 1
    return counts
