# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given, strategies

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
        (check("programs[?foo(id)]", "programs.id"), "query", "there is no function foo"),
        (check("programs[?starts_wth(name, 'x')]", "programs.name"), "query", "starts_wth; is starts_with meant?"),
        (check("programs[?contains(name)]", "programs.name"), "query", "contains takes 2 arguments, and has 1"),
        (check("programs[?length(name, 'x')]", "programs.name"), "query", "length takes 1 argument, and has 2"),
        (check("programs[?not_null()]", "programs"), "query", "not_null takes 1 argument or more, and has 0"),
        (
            check("sort_by(programs, loaded_at)", "programs.loaded_at"),
            "query",
            "argument 2 of sort_by must begin with &",
        ),
        (check("map(name, programs)", "programs.name"), "query", "argument 1 of map must begin with &"),
        (check("sort_by(&id, programs)", "programs.id"), "query", "argument 1 of sort_by must not begin with &"),
        (check("merge(programs[0], &id)", "programs.id"), "query", "argument 2 of merge must not begin with &"),
        (check("programs[].{a: &id}", "programs"), "query", "& is only for arguments of functions that take one"),
        (check("programs[?jited]", "programs.jited", applies_when="foo(maps)"), "applies_when", "no function foo"),
        (check("sort_by(programs, &foo(id))", "programs.id"), "query", "there is no function foo"),
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
    assert any(where == field and text in message for where, message in complaints), complaints


def test_functions_that_are_called_as_they_should_be() -> None:
    query = "sort_by(programs, &id)[?not_null(name, tag) && contains(map(&pid, pids), `1`)].merge(dev, {a: `1`}, {})"
    names = ("programs.dev", "programs.id", "programs.name", "programs.pids", "programs.tag")
    assert check(query.replace(", {})", ")"), *names) == []


EXPRESSIONS = strategies.recursive(
    strategies.sampled_from(["id", "programs", "@", "*", "`1`", "'x'", "&id", "[0]", "[]", "[1:2]", "[*]"]),
    lambda inner: strategies.builds(
        lambda form, parts: form.format(*parts),
        strategies.sampled_from(
            ["{}.{}", "{}[?{}]", "{}({})", "sort_by({}, {})", "map({}, {})", "length({})", "&{}", "!{}", "{} == {}"]
            + ["{} && {}", "{} | {}", "{{a: {}, b: {}}}", "[{}, {}]", "max_by({})", "contains({})", "to_array()"]
        ),
        strategies.tuples(inner, inner),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_no_expression_breaks_the_linter(query: str) -> None:
    _trees, complaints = lint.check_rule({"query": query, "needs": ["programs"]})
    assert all(field in ("query", "needs") and message for field, message in complaints)


def test_null_as_an_answer_is_accepted() -> None:
    assert check("programs[?btf_id == `null`]", "programs.btf_id?") == []


def test_free_keys_are_free() -> None:
    assert lint.unknown_keys(derive(parse("programs[?metadata.anything.at.all]"))) == []


@pytest.mark.parametrize("noun", ["programs", "maps", "links", "pins", "sysctls", "btfs"])
def test_the_planted_documents_have_only_keys_of_the_dictionary(noun: str) -> None:
    for record in planted.document()[noun]:
        assert set(record) <= set(lint.document_keys()[noun])
