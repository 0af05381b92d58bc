# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack

GOOD = """---
rules:
  - id: OUR-001
    title: A title
    severity: low
    rationale: Because.
    remediation: Do.
    references: [one]
    applies_when: kernel.release
    needs: [programs.jited, kernel.release]
    query: programs[?jited == `false`]
"""


def load(folder: pathlib.Path, text: str, **options: object) -> list:
    path = folder / "rules.yml"
    path.write_text(text, encoding="utf-8")
    return pack.load([str(path)], **{"builtin": False, **options})


def test_a_rule(tmp_path: pathlib.Path) -> None:
    [rule] = load(tmp_path, GOOD)
    assert rule.id == "OUR-001" and rule.severity == "low" and rule.references == ("one",)
    assert rule.needs == ("programs.jited", "kernel.release") and rule.nullable == ()
    assert rule.place == f"{tmp_path}/rules.yml:3"
    assert rule.query["type"] == "filter_projection" and rule.applies_when["type"] == "subexpression"


def test_all_problems_are_told_at_once(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FleetError, match="2 problems") as caught:
        load(tmp_path, GOOD.replace("low", "urgent").replace("[one]", "one"))
    assert re.findall(r"rules\.yml:(\d+):", str(caught.value)) == ["5", "8"]


def test_an_id_is_there_once_over_all_packs(tmp_path: pathlib.Path) -> None:
    rule = GOOD.split("rules:\n")[1]
    with pytest.raises(FleetError, match=rf"rules\.yml:12: the rule id OUR-001 is taken: {tmp_path}/rules\.yml:3"):
        load(tmp_path, GOOD + rule)
    with pytest.raises(FleetError, match=r"EBPF-S001 is taken: .*ebpf_fleet\.yml"):
        load(tmp_path, GOOD.replace("OUR-001", "EBPF-S001"), builtin=True)


def test_skipped_rules_and_a_misspelt_one(tmp_path: pathlib.Path) -> None:
    assert load(tmp_path, GOOD, skip=["OUR-001"]) == []
    with pytest.raises(FleetError, match="skip_rules names OUR-002"):
        load(tmp_path, GOOD, skip=["OUR-002"])


def test_the_builtin_pack_is_in_order_and_says_enough() -> None:
    rules = pack.load([])
    assert len(rules) >= 20
    assert [rule.id for rule in rules] == sorted(rule.id for rule in rules)
    assert all(re.fullmatch(r"EBPF-[SLPMNK]\d{3}", rule.id) for rule in rules)
    assert all(len(rule.rationale) > 40 and len(rule.remediation) > 15 and len(rule.title) < 80 for rule in rules)
    assert {rule.severity for rule in rules} >= {"info", "low", "medium", "high"}


def test_the_digest_follows_what_is_judged_by(tmp_path: pathlib.Path) -> None:
    digest = pack.digest(load(tmp_path, GOOD))
    assert digest == pack.digest(load(tmp_path, GOOD.replace("Because", "Why not")))
    assert digest != pack.digest(load(tmp_path, GOOD.replace("`false`", "`true`")))
    assert digest != pack.digest(load(tmp_path, GOOD.replace("programs.jited,", '"programs.jited?",')))
    assert digest != pack.digest(load(tmp_path, GOOD.replace("when: kernel.release", "when: not_null(kernel.release)")))
    assert digest != pack.digest(load(tmp_path, GOOD.replace("OUR-001", "OUR-002")))
