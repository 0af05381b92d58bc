# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack, shipped
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.reading import read_rules

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


def read(folder: pathlib.Path, text: str) -> tuple:
    path = folder / "rules.yml"
    path.write_text(text, encoding="utf-8")
    return read_rules(str(path))


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
    _rules, problems = read(tmp_path, GOOD.replace(old, new, 1))
    assert {problem.file for problem in problems} == {f"{tmp_path}/rules.yml"}
    assert any(line in (0, problem.line) and text in problem.message for problem in problems), problems


def test_the_rules_that_come_along_pass_and_are_what_is_loaded_without_looking() -> None:
    rules, problems = read_rules(f"{shipped.FOLDER}/{pack.BUILTIN}")
    assert problems == []
    assert [rule._replace(place="") for rule in rules] == [rule._replace(place="") for rule in pack.builtin_rules()]
