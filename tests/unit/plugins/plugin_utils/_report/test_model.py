# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import random

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._jmespath import parse
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report import model
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])


def record(document: dict) -> dict:
    return {"outcome": "ok", "verdicts": judge(RULES, document), "document": document}


FLEET = [
    ("db1", record(planted.document(kernel__unprivileged_bpf_disabled=0, kernel__kptr_restrict=0))),
    ("db2", {"outcome": "unreachable", "error": "no route"}),
    ("web1", record(planted.document(kernel__kptr_restrict=0))),
    ("web2", record(planted.blind())),
    ("web3", {"outcome": "missing", "error": "no record"}),
]


def test_the_summary_adds_up() -> None:
    summary = model.build(RULES, FLEET)["summary"]
    assert summary["hosts"] == {
        "expected": 5,
        "audited": 3,
        "without_root": 1,
        "failed": 0,
        "unreachable": 1,
        "missing": 1,
    }
    assert summary["findings"] == {"critical": 0, "high": 1, "medium": 2, "low": 0, "info": 0}
    assert sum(summary["verdicts"].values()) == 3 * len(RULES)
    assert summary["collected"] == {"first": 1795359600, "last": 1795359600}


def test_findings_come_worst_first_and_then_by_rule_and_host() -> None:
    found = model.build(RULES, FLEET)["findings"]
    wanted = [("high", "EBPF-S001", "db1"), ("medium", "EBPF-S006", "db1"), ("medium", "EBPF-S006", "web1")]
    assert [(one["severity"], one["rule"], one["host"]) for one in found] == wanted
    assert found[0]["objects"][0]["running"] == 0 and found[0]["count"] == 1


def test_hosts_that_were_not_audited_say_why() -> None:
    assert model.build(RULES, FLEET)["not_audited"] == [
        {"host": "db2", "outcome": "unreachable", "error": "no route"},
        {"host": "web3", "outcome": "missing", "error": "no record"},
    ]


def test_what_could_not_be_seen_is_grouped_by_fact_and_reason() -> None:
    fleet = [(f"h{number}", record(planted.blind())) for number in range(3)]
    groups = model.build(RULES, fleet)["could_not_see"]
    [harden] = [one for one in groups if one["fact"] == "sysctls.running"]
    assert harden["reason"] == "EACCES" and harden["subjects"] == ["net.core.bpf_jit_harden"]
    assert harden["hosts"] == ["h0", "h1", "h2"] and "EBPF-S005" in harden["rules"]
    [programs] = [one for one in groups if one["fact"] == "programs"]
    assert "EBPF-P001" in programs["rules"] and programs["hosts"] == ["h0", "h1", "h2"]


def test_a_report_carries_so_many_objects_and_the_whole_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_OBJECTS", 3)
    document = planted.document()
    document["programs"] = [{**planted.PROGRAM, "id": number, "uid": 9} for number in range(10)]
    [found] = [one for one in model.build(RULES, [("a", record(document))])["findings"] if one["rule"] == "EBPF-P004"]
    assert found["count"] == 10 and len(found["objects"]) == 3


def test_a_rule_that_could_not_be_evaluated_is_told_with_its_hosts() -> None:
    broken = [
        rule._replace(query=parse("programs[?starts_with(uid, 'x')]")) for rule in RULES if rule.id == "EBPF-P004"
    ]
    one = {"outcome": "ok", "verdicts": judge(broken, planted.document()), "document": planted.document()}
    [told] = model.build(broken, [("web1", one), ("web2", one), FLEET[1]])["not_evaluated"]
    assert told.pop("reason").startswith("the rule cannot be evaluated: In function starts_with()")
    assert told == {"rule": "EBPF-P004", "severity": "medium", "hosts": ["web1", "web2"]}
    assert model.build(RULES, FLEET)["not_evaluated"] == []


def test_rules_count_their_verdicts() -> None:
    [rule] = [one for one in model.build(RULES, FLEET)["rules"] if one["id"] == "EBPF-S005"]
    assert rule["verdicts"] == {"pass": 2, "fail": 0, "unknown": 1, "not_applicable": 0}
    assert rule["references"]


def test_the_same_records_make_the_same_report_whatever_the_order_in_them() -> None:
    shuffled = copy.deepcopy(FLEET)
    for _name, one in shuffled:
        for key in ("document", "verdicts"):
            if isinstance(one.get(key), dict):
                pairs = list(one[key]["unavailable"].items())
                random.Random(1).shuffle(pairs)
                one[key]["unavailable"] = dict(pairs)
    assert model.build(RULES, shuffled) == model.build(RULES, FLEET)


def test_no_host_at_all() -> None:
    built = model.build(RULES, [])
    assert built["summary"]["hosts"]["expected"] == 0 and built["summary"]["collected"]["first"] is None
