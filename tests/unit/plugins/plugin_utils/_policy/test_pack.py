# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import located, pack

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


def test_a_question_mark_makes_null_an_answer(tmp_path: pathlib.Path) -> None:
    [rule] = load(tmp_path, GOOD.replace("programs.jited,", '"programs.jited?",'))
    assert rule.needs == ("programs.jited", "kernel.release") and rule.nullable == ("jited",)


BROKEN = [
    ("rules:\n", "rules: [\n", 0, "not valid YAML"),
    ("---\n", "---\nversion: 1\n", 2, "unknown key version"),
    ("rules:\n", "rulez:\n", 2, "rules must be a list"),
    (GOOD[4:], "rules: {}\n", 2, "rules must be a list"),
    (GOOD[4:], "- a\n", 2, "a mapping"),
    (GOOD[4:], "", 2, "a mapping"),
    (GOOD, "", 1, "empty"),
    (GOOD[4:], "rules:\n  - text\n", 3, "a mapping"),
    ("title: A title", "titel: A title", 4, "unknown field titel"),
    ("    title: A title\n", "", 3, "the rule has no title"),
    ("    needs: [programs.jited, kernel.release]\n", "", 3, "the rule has no needs"),
    ("severity: low", "severity: urgent", 5, "severity is urgent; it must be one of info, low"),
    ("severity: low", "severity: 3", 5, "severity must be text"),
    ("rationale: Because.", "rationale: ' '", 6, "rationale must be text"),
    ("rationale: Because.", "rationale: Because.\n    rationale: Again.", 7, "the key rationale is here twice"),
    ("id: OUR-001", "id: <script>", 3, "the id '<script>' may have"),
    ("id: OUR-001", "id: !!python/none x", 3, "id:"),
    ("references: [one]", "references: one", 8, "references must be a list of strings"),
    ("references: [one]", "references: [1]", 8, "references must be a list of strings"),
    ("[programs.jited, kernel.release]", "programs.jited", 10, "needs must be a list of strings"),
    ("[programs.jited, kernel.release]", "[kernel.release]", 10, "the query rests on programs.jited"),
    ("[programs.jited, kernel.release]", "[programs.jited, kernel.release, maps]", 10, "needs names maps"),
    ("programs[?jited == `false`]", "programs[?jited ==", 11, "query is not JMESPath"),
    ("programs[?jited == `false`]", "programs[?jittd == `false`]", 11, "is programs.jited meant?"),
    ("applies_when: kernel.release", "applies_when: kernel[", 9, "applies_when is not JMESPath"),
]


@pytest.mark.parametrize(("old", "new", "line", "text"), BROKEN)
def test_a_broken_rule_names_file_and_line(tmp_path: pathlib.Path, old: str, new: str, line: int, text: str) -> None:
    assert old in GOOD
    with pytest.raises(FleetError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    lines = str(caught.value).splitlines()[1:]
    where = f"{tmp_path}/rules.yml:{line}: " if line else f"{tmp_path}/rules.yml:"
    assert any(one.startswith(where) and text in one for one in lines), lines


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


def test_the_builtin_files_can_be_read_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(located, "Loader", yaml.SafeLoader)
    assert pack.digest(pack.load([])) == BUILTIN_DIGEST
    for name in ("document.yml", "values.yml"):
        path = pathlib.Path(pack.BUILTIN).parents[1] / name
        assert yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


BUILTIN_DIGEST = pack.digest(pack.load([]))


def test_the_digest_follows_what_is_judged_by(tmp_path: pathlib.Path) -> None:
    digest = pack.digest(load(tmp_path, GOOD))
    assert digest == pack.digest(load(tmp_path, GOOD.replace("Because", "Why not")))
    assert digest != pack.digest(load(tmp_path, GOOD.replace("`false`", "`true`")))
    assert digest != pack.digest(load(tmp_path, GOOD.replace("programs.jited,", '"programs.jited?",')))
