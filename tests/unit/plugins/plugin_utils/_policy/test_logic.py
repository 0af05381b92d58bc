# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._jmespath import parse
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.logic import ERRORS, Logic, Unknown, evaluate, truth

TRUE = {"v": True}
FALSE = {"v": False}
NULL = {"v": None}


def value(expression: str, document: object, **options: object) -> object:
    return Logic(**options).visit(parse(expression), document)


def word(found: object) -> str:
    verdict = truth(found)
    return "unknown" if isinstance(verdict, Unknown) else str(verdict).lower()


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, "true", "true"),
        (True, False, "false", "true"),
        (True, None, "unknown", "true"),
        (False, True, "false", "true"),
        (False, False, "false", "false"),
        (False, None, "false", "unknown"),
        (None, True, "unknown", "true"),
        (None, False, "false", "unknown"),
        (None, None, "unknown", "unknown"),
    ],
)
def test_kleenes_tables(left: object, right: object, both: str, either: str) -> None:
    document = {"a": left, "b": right}
    assert word(value("a && b", document)) == both
    assert word(value("a || b", document)) == either


def test_not() -> None:
    assert [word(value("!v", one)) for one in (TRUE, FALSE, NULL)] == ["false", "true", "unknown"]


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_comparing_an_unknown_is_unknown(operator: str) -> None:
    for expression in (f"v {operator} `0`", f"`0` {operator} v", f"[v] {operator} `[1]`"):
        assert word(value(expression, NULL)) == "unknown", expression


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("v == `1`", False),  # JMESPath: true is not 1
        ("v == `true`", True),
        ("w > `2`", True),
        ("w < `2`", False),
        ("w == `3`", True),
        ("s < `5`", None),
        ("`5` >= s", None),
        ("s == 'unlimited'", True),
        ("s != `5`", True),
        ("l == `[1, 2]`", True),
    ],
)
def test_comparing_known_values_is_jmespath(expression: str, wanted: object) -> None:
    assert value(expression, {"v": True, "w": 3, "s": "unlimited", "l": [1, 2]}) is wanted


def test_an_unknown_knows_what_why_and_of_whom() -> None:
    record = {"name": "x", "running": None, "unavailable": {"running": "EPERM"}}
    found = value("running", record)
    assert (found.fact, found.reason, found.subject) == ("running", "EPERM", "x")
    assert value("running", {"id": 9, "running": None}).subject == 9
    assert value("gone", {}).reason == "the host did not tell"


def test_null_is_an_answer_only_where_it_is_said_and_no_reason_speaks_against_it() -> None:
    assert value("v == `null`", NULL, nullable=["v"]) is True
    assert word(value("v == `null`", NULL)) == "unknown"
    hidden = {"v": None, "unavailable": {"v": "EPERM"}}
    assert word(value("v == `null`", hidden, nullable=["v"])) == "unknown"
    assert word(value("v == `null`", {}, nullable=["v"])) == "unknown"


def test_what_is_hidden_in_the_whole_document_is_unknown_even_with_a_value() -> None:
    assert word(value("v", TRUE, blind={"v": "partly"})) == "unknown"
    assert word(value("length(v) == `0`", {"v": []}, blind={"v": "partly"})) == "unknown"


def test_records_of_an_incomplete_list_are_certain_nevertheless() -> None:
    document = {"limits": [{"soft": 1}]}
    assert evaluate(parse("limits[?soft < `2`]"), document, blind={"limits": "partly"}) == ([{"soft": 1}], [])


RECORDS = {"p": [{"id": 1, "v": 1}, {"id": 2, "v": None}, {"id": 3, "v": 3}]}


@pytest.mark.parametrize(
    ("query", "certain", "unsure"),
    [
        ("p[?v == `1`].id", [1], 1),
        ("p[?v == `1`].{id: id}", [{"id": 1}], 1),
        ("p[?v == `9`].id", [], 1),
        ("p[?id == `1` && v == `1`].id", [1], 0),
        ("p[?id == `2` && v == `1`].id", [], 1),
        ("p[?id == `1` || v == `9`].id", [1], 2 - 1),
        ("p[?v > `0`] | [?id > `2`].id", [3], 0),
        ("p[?v > `0`] | [?id > `1`].id", [3], 1),
        ("p[?v > `0`] | [].id", [1, 3], 1),
        ("p[?v > `0`] | [*].id", [1, 3], 1),
        ("p[].v", [1, 3], 1),
        ("p[*].v | [?@ > `2`]", [3], 1),
        ("length(p[?v == `9`]) > `0`", [], 1),
        ("length(p) > `0`", [True], 0),
        ("p[?v == `9`] | [0]", [], 1),
        ("p[?v == `9`] | [0:1]", [], 1),
        ("[p[?v == `1`], p[?v == `3`]][].id", [1, 3], 2),
        ("[p[?id == `7`]]", [], 0),
        ("max_by(p, &id).id", [3], 0),
        ("sum(p[].v)", [], 1),
        ("q[?x].y", [], 1),
        ("q[].y", [], 1),
        ("q.*", [], 1),
        ("q[0]", [], 1),
        ("q | {a: @}", [], 1),
        ("q | [@]", [], 1),
        ("contains(['a'], 'a')", [True], 0),
    ],
)
def test_what_is_certain_and_what_is_not(query: str, certain: list, unsure: int) -> None:
    found, doubtful = evaluate(parse(query), RECORDS)
    assert found == certain
    assert len(doubtful) == unsure
    assert all(isinstance(why, Unknown) for _shown, why in doubtful)


def test_things_that_are_no_lists_stay_jmespath() -> None:
    assert evaluate(parse("p.x"), {"p": 1}) == ([], [])
    assert evaluate(parse("p[?x]"), {"p": 1}) == ([], [])
    assert evaluate(parse("p[]"), {"p": 1}) == ([], [])
    assert evaluate(parse("p[*].x"), {"p": 1}) == ([], [])
    assert evaluate(parse("p.*"), {"p": 1}) == ([], [])
    assert evaluate(parse("p.*.x"), {"p": {"a": {"x": 5}}}) == ([5], [])


def test_what_an_object_shows_may_be_unknown_without_making_it_doubtful() -> None:
    found, doubtful = evaluate(parse("p[?id == `2`].{id: id, v: v}"), RECORDS)
    assert doubtful == [] and found[0]["id"] == 2 and isinstance(found[0]["v"], Unknown)


def test_what_a_function_refuses_is_one_of_the_errors() -> None:
    for query, document in (("length(v)", TRUE), ("nonsense(v)", TRUE), ("sort_by(p, &v)", RECORDS)):
        with pytest.raises(ERRORS):
            evaluate(parse(query), document)
