# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.rule import make_rule

FIELDS = {
    "id": "OUR-001",
    "title": "A title",
    "severity": "low",
    "rationale": "Because.",
    "remediation": "Do.",
    "needs": ["programs.jited?", "kernel.release"],
    "query": "programs",
}
TREE = {"type": "field", "value": "programs", "children": []}


def test_a_question_mark_makes_null_an_answer() -> None:
    rule = make_rule(FIELDS, {"query": TREE}, "rules.yml:3")
    assert rule.needs == ("programs.jited", "kernel.release") and rule.nullable == ("jited",)


def test_what_may_be_left_out_is_empty() -> None:
    rule = make_rule(FIELDS, {"query": TREE}, "rules.yml:3")
    assert (rule.references, rule.applies_when, rule.query, rule.place) == ((), None, TREE, "rules.yml:3")
