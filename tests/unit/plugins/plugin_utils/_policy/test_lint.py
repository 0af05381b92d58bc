# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._jmespath import parse
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import lint
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.needs import derive
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted


def check(query: str, *needs: str, applies_when: str | None = None) -> list[tuple[str, str]]:
    data = {"query": query, "needs": list(needs)}
    return lint.check_rule({**data, "applies_when": applies_when} if applies_when else data)[1]


def test_a_good_rule_has_its_trees() -> None:
    rule = {
        "query": "programs[?jited]",
        "applies_when": "kernel.release",
        "needs": ["programs.jited", "kernel.release"],
    }
    trees, complaints = lint.check_rule(rule)
    assert complaints == [] and sorted(trees) == ["applies_when", "query"]


@pytest.mark.parametrize(
    ("complaints", "field", "text"),
    [
        (check("programs[?", "programs"), "query", "query is not JMESPath"),
        (check("programs[?foo(id)]", "programs.id"), "needs", ""),
        (check("programs[?jitted]", "programs.jitted"), "query", "programs.jitted does not exist; is programs.jited"),
        (check("program[?jited]", "program.jited"), "query", "program does not exist; is programs meant?"),
        (check("programs[?jited].{n: nam}", "programs.jited"), "query", "programs.nam does not exist"),
        (check("programs[?tag.x]", "programs.tag"), "query", "programs.tag has no keys"),
        (check("memlock.limits[?sofft]", "memlock.limits"), "query", "is memlock.limits.soft meant?"),
        (check("*.x", "*"), "query", "* does not exist"),
        (check("`1`"), "query", "rests on no fact"),
        (check("programs[?jited]"), "needs", "the query rests on programs.jited, and needs does not name it"),
        (check("programs[?jited]", "programs.jited", "maps"), "needs", "needs names maps, and the query does not"),
        (check("programs[?jited]", "programs.jited", "programs.jited?"), "needs", "twice"),
        (check("programs[?btf_id == `null`]", "programs.btf_id"), "needs", 'write "programs.btf_id?" in needs'),
        (check("programs[?jited]", "programs.jited", applies_when="kernl"), "applies_when", "kernl does not exist"),
        (check("programs[?jited]", "programs.jited", applies_when="maps"), "needs", "rests on maps"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(complaints: list, field: str, text: str) -> None:
    if not text:  # an unknown function is found when the rule runs; the judge answers unknown then
        assert complaints == []
        return
    assert any(where == field and text in message for where, message in complaints), complaints


def test_null_as_an_answer_is_accepted() -> None:
    assert check("programs[?btf_id == `null`]", "programs.btf_id?") == []


def test_free_keys_are_free() -> None:
    assert lint.unknown_keys(derive(parse("programs[?metadata.anything.at.all]"))) == []


@pytest.mark.parametrize("noun", ["programs", "maps", "links", "pins", "sysctls", "btfs"])
def test_the_planted_documents_have_only_keys_of_the_dictionary(noun: str) -> None:
    for record in planted.document()[noun]:
        assert set(record) <= set(lint.document_keys()[noun])
