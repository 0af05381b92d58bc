# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .text import many, visible

MOST_HOSTS = 20
MOST_FINDINGS = 15
MOST_UNSEEN = 10
_SHORT = {"critical": "crit", "high": "high", "medium": "med", "low": "low", "info": "info"}


def render(model, width=100):
    """The summary of a run as lines for a terminal: hosts, findings, what could not be seen."""
    broken = model["not_evaluated"]
    lines = [_headline(model["summary"], len(broken)), *_rootless(model["summary"]), *_lost(model["not_audited"])]
    lines += [f"  {one['rule']} on {many(len(one['hosts']), 'host')}: {visible(one['reason'])}" for one in broken]
    for block in (_hosts(model), _findings(model), _unseen(model["could_not_see"])):
        lines += ["", *(_cut(line, width) for line in block)] if block else []
    return lines


def _headline(summary, broken):
    hosts, found = summary["hosts"], summary["findings"]
    total = ", ".join(f"{number} {severity}" for severity, number in found.items() if number) or "no findings"
    total += f", but {many(broken, 'rule')} could not be evaluated" if broken else ""
    return f"eBPF audit: {hosts['audited']} of {many(hosts['expected'], 'host')} audited; {total}"


def _rootless(summary):
    number = summary["hosts"]["without_root"]
    plural = "host was" if number == 1 else "hosts were"
    hint = f"  {number} {plural} audited without root and could not see everything; become: true shows the rest"
    return [hint] if number else []


def _lost(lost):
    shown = [[visible(one[key]) for key in ("host", "outcome", "error")] for one in lost[:MOST_HOSTS]]
    lines = [f"  not audited: {host} ({outcome}): {error}" for host, outcome, error in shown]
    return lines + ([f"  ... and {len(lost) - MOST_HOSTS} more"] if len(lost) > MOST_HOSTS else [])


def _hosts(model):
    order = sorted(model["hosts"], key=lambda host: [-number for number in host["findings"].values()])
    shown = order[:MOST_HOSTS]
    rows = [["HOST", "PROGRAMS", "MAPS", "LINKS", "PINS", *(word.upper() for word in _SHORT.values()), "UNKNOWN"]]
    for host in shown:
        numbers = [
            "?" if host["counts"][noun] is None else host["counts"][noun]
            for noun in ("programs", "maps", "links", "pins")
        ]
        rows.append([host["host"], *numbers, *host["findings"].values(), host["verdicts"]["unknown"]])
    left = len(order) - len(shown)
    return (_table(rows) if shown else []) + ([f"... and {left} more hosts, with fewer findings"] if left else [])


def _findings(model):
    groups: dict[str, list] = {}
    for one in model["findings"]:
        group = groups.setdefault(one["rule"], [one["severity"], one["rule"], 0, 0, one["title"]])
        group[2] += 1
        group[3] += one["count"]
    rows = [["SEVERITY", "RULE", "HOSTS", "OBJECTS", "FINDING"], *list(groups.values())[:MOST_FINDINGS]]
    left = len(groups) - MOST_FINDINGS
    return (_table(rows, left_aligned=(0, 1, 4)) if groups else []) + ([f"... and {left} more"] if left > 0 else [])


def _unseen(groups):
    if not groups:
        return []
    rows: list[list] = [["COULD NOT SEE", "HOSTS", "WHY"]]
    for one in groups[:MOST_UNSEEN]:
        what = one["fact"] + (f" ({', '.join(one['subjects'][:3])})" if one["subjects"] else "")
        rows.append([what, len(one["hosts"]), one["reason"]])
    left = len(groups) - MOST_UNSEEN
    return _table(rows, left_aligned=(0, 2)) + ([f"... and {left} more"] if left > 0 else [])


def _table(rows, left_aligned=(0,)):
    texts = [[visible(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    return [
        "  ".join(
            text.ljust(width) if column in left_aligned else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
    ]


def _cut(line, width):
    return line if len(line) <= width else line[: width - 3] + "..."
