# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._policy.judge import FAIL, UNKNOWN
from .._policy.rule import SEVERITIES
from .._policy.tally import counts, findings, verdicts

SCHEMA = 1
# Objects of one finding on one host that a report carries; their number is always exact, the host's file has them all.
MOST_OBJECTS = 500


def build(rules, records):
    """The report of a run as plain data, in a fixed order, so that the same records make the same report.

    Keys: C(summary), C(not_audited), C(could_not_see), C(findings), C(hosts), C(rules).
    """
    hosts, found, lost, unseen = [], [], [], _Unseen()
    by_id = {rule.id: rule for rule in rules}
    for name, record in records:
        if record["outcome"] != "ok":
            lost.append({"host": name, "outcome": record["outcome"], "error": record["error"]})
            continue
        hosts.append(_host(name, record, rules))
        unseen.add(name, record)
        found += [_finding(name, by_id[one["rule"]], one) for one in record["verdicts"] if one["verdict"] == FAIL]
    found.sort(key=lambda one: (-SEVERITIES.index(one["severity"]), one["rule"], one["host"]))
    return {
        "schema": SCHEMA,
        "summary": _summary(hosts, lost, found),
        "not_audited": lost,
        "could_not_see": unseen.groups(),
        "findings": found,
        "hosts": hosts,
        "rules": [_rule(rule, hosts) for rule in rules],
    }


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

    def add(self, host, record):
        for fact, reason in (record["document"].get("unavailable") or {}).items():
            self._group(fact, str(reason), host)
        for one in record["verdicts"]:
            for reason in one["reasons"]:
                group = self._group(reason["fact"], reason["reason"], host)
                group["rules"].add(one["rule"])
                group["subjects"].update(reason["subjects"])
                group["unjudged"] += one["verdict"] == UNKNOWN

    def _group(self, fact, reason, host):
        empty = {"hosts": set(), "rules": set(), "subjects": set(), "unjudged": 0}
        group = self._groups.setdefault((fact, reason), empty)
        group["hosts"].add(host)
        return group

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
