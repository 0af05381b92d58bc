# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._policy.judge import FAIL, UNKNOWN, was_not_evaluated
from .._policy.rule import SEVERITIES
from .._policy.tally import counts, findings, verdicts
from .._run.document import UNUSABLE, unusable

SCHEMA = 1
# Objects of one finding on one host that a report carries; their number is always exact, the host's file has them all.
MOST_OBJECTS = 500


def build(rules, records):
    """The report of a run as plain data, in a fixed order, so that the same records make the same report.

    Keys: C(summary), C(not_audited), C(not_evaluated), C(could_not_see), C(findings), C(hosts), C(rules).
    """
    hosts, found, lost, unseen = [], [], [], _Unseen()
    by_id = {rule.id: rule for rule in rules}
    for name, record in records:
        try:
            told = _told(name, record, rules, by_id) if record["outcome"] == "ok" else None
        except UNUSABLE as error:
            told, record = None, {"outcome": "failed", "error": unusable(error)}
        if told is None:
            lost.append({"host": name, "outcome": record["outcome"], "error": record["error"]})
            continue
        hosts.append(told[0])
        found += told[1]
        unseen.add(name, told[2])
    found.sort(key=lambda one: (-SEVERITIES.index(one["severity"]), one["rule"], one["host"]))
    groups = unseen.groups()
    return {
        "schema": SCHEMA,
        "summary": _summary(hosts, lost, found),
        "not_audited": lost,
        "not_evaluated": _not_evaluated(groups, by_id),
        "could_not_see": groups,
        "findings": found,
        "hosts": hosts,
        "rules": [_rule(rule, hosts) for rule in rules],
    }


def _told(name, record, rules, by_id):
    """(entry of the host, its findings, what it could not tell) of a usable record; else it raises one of UNUSABLE."""
    found = [_finding(name, by_id[one["rule"]], one) for one in record["verdicts"] if one["verdict"] == FAIL]
    return _host(name, record, rules), found, _not_told(record)


def _not_told(record):
    """[(fact, reason, rule that rests on it or None, subjects, whether that rule is undecided)]"""
    hidden = record["document"].get("unavailable") or {}
    lines: list[tuple] = [(fact, str(why), None, [], False) for fact, why in hidden.items()]
    for one in record["verdicts"]:
        undecided = one["verdict"] == UNKNOWN
        lines += [(why["fact"], why["reason"], one["rule"], why["subjects"], undecided) for why in one["reasons"]]
    return lines


def _host(name, record, rules):
    document = record["document"]
    kernel = document.get("kernel") or {}
    return {
        "host": name,
        "collected_at": document.get("collected_at"),
        "kernel": kernel.get("release"),
        "machine": kernel.get("machine"),
        "euid": (document.get("privileges") or {}).get("euid"),
        "counts": counts(document),
        "findings": findings(rules, record["verdicts"]),
        "verdicts": verdicts(record["verdicts"]),
        "by_rule": {one["rule"]: one["verdict"] for one in record["verdicts"]},
    }


def _finding(host, rule, one):
    return {
        "severity": rule.severity,
        "rule": rule.id,
        "title": rule.title,
        "host": host,
        "count": len(one["objects"]),
        "undecided": one["undecided"],
        "objects": one["objects"][:MOST_OBJECTS],
    }


def _not_evaluated(groups, by_id):
    """Rules that are unknown somewhere for no fault of what the host could see: they are broken, or the host lies."""
    broken: dict[str, dict] = {}
    for group in groups:
        for rule in group["rules"] if was_not_evaluated(group["reason"]) else ():
            empty = {"rule": rule, "severity": by_id[rule].severity, "reason": group["reason"], "hosts": set()}
            broken.setdefault(rule, empty)["hosts"].update(group["hosts"])
    return [{**broken[rule], "hosts": sorted(broken[rule]["hosts"])} for rule in sorted(broken)]


def _rule(rule, hosts):
    texts = ("id", "title", "severity", "rationale", "remediation")
    answers = [host["by_rule"].get(rule.id) for host in hosts]
    numbers = {answer: answers.count(answer) for answer in ("pass", "fail", "unknown", "not_applicable")}
    return {**{key: getattr(rule, key) for key in texts}, "references": list(rule.references), "verdicts": numbers}


def _summary(hosts, lost, found):
    outcomes = [one["outcome"] for one in lost]
    severities = [one["severity"] for one in found]
    times = sorted(host["collected_at"] for host in hosts if host["collected_at"])
    return {
        "hosts": {
            "expected": len(hosts) + len(lost),
            "audited": len(hosts),
            "without_root": sum(host["euid"] != 0 for host in hosts),
            **{outcome: outcomes.count(outcome) for outcome in ("failed", "unreachable", "missing")},
        },
        "findings": {severity: severities.count(severity) for severity in reversed(SEVERITIES)},
        "verdicts": {
            verdict: sum(host["verdicts"][verdict] for host in hosts)
            for verdict in ("pass", "fail", "unknown", "not_applicable")
        },
        "collected": {"first": times[0] if times else None, "last": times[-1] if times else None},
    }


class _Unseen:
    """What hosts could not tell, grouped: the same fact for the same reason on many hosts is one line."""

    def __init__(self):
        self._groups = {}

    def add(self, host, lines):
        for fact, reason, rule, subjects, undecided in lines:
            empty = {"hosts": set(), "rules": set(), "subjects": set(), "unjudged": 0}
            group = self._groups.setdefault((fact, reason), empty)
            group["hosts"].add(host)
            group["rules"].update([rule] if rule else ())
            group["subjects"].update(subjects)
            group["unjudged"] += undecided

    def groups(self):
        """Sorted dicts: fact, reason, subjects (names of objects, at most 10), rules and hosts it concerns."""
        return [
            {
                "fact": fact,
                "reason": reason,
                "subjects": sorted(group["subjects"])[:10],
                "rules": sorted(group["rules"]),
                "unjudged": group["unjudged"],
                "hosts": sorted(group["hosts"]),
            }
            for (fact, reason), group in sorted(self._groups.items())
        ]
