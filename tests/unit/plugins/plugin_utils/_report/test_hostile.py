# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host sends what it likes: that may cost its own place in the report, and nobody else's."""

from __future__ import annotations

import json
import pathlib
import tempfile

import pytest
from hypothesis import example, given, settings, strategies

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._jmespath import parse
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.rule import make_rule
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report import html, terminal
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.hosts import records
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.inventory import Inventory
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.model import build
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.directory import Run, encode
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.document import check
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

# besides ours, rules that reckon with values and go deep into records
QUERIES = (
    "{all: sum(programs[].bytes_jited), mean: avg(programs[].run_cnt)}",
    "sort_by(programs, &loaded_at)[].{name: join('-', pids[].comm), more: metadata.a.b}",
    "programs[?metadata.missing == 'x' || pids[?pid > `1`].comm].dev.ifindex",
    "pins[?contains(path, 'x') || to_number(mode) > `5`].[path, length(name)]",
)
OURS = [
    make_rule(
        {"id": f"OUR-{number}", "severity": "low", "needs": ["programs.metadata"], "query": query}
        | dict.fromkeys(("title", "rationale", "remediation"), "x"),
        {"query": parse(query)},
        "here",
    )
    for number, query in enumerate(QUERIES)
]
RULES = [*pack.load([]), *OURS]
GONE = object()  # the key is not there at all


def weak() -> dict:
    """A host on which many rules fail, so that much of it gets into the report."""
    document = planted.document(kernel__unprivileged_bpf_disabled=0, net__core__bpf_jit_limit=60)
    document["programs"][0].update(uid=5, holders=[], jited=False, orphaned=True, unavailable={"pids": "EPERM"})
    document["programs"].append({**planted.PROGRAM, "metadata": {"a": {"b": 1}}, "dev": {"ifindex": 1}, "uid": 5})
    document["maps"][0].update(frozen=False, holders=[])
    document["pins"][0].update(mode="0666", uid=7)
    document["memlock"]["limits"][0]["soft"] = "unlimited"
    document["unavailable"] = {"btfs": "EPERM"}
    return json.loads(json.dumps(document))


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Paths of everything in a document but itself."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in inside for found in ((*path, key), *places(part, (*path, key)))]


def spoilt(path: tuple, value: object) -> dict:
    document = weak()
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if value is GONE:
        holder.pop(path[-1], None) if isinstance(holder, dict) else holder.pop(path[-1])
    else:
        holder[path[-1]] = value
    return document


def collected(run: Run, document: dict) -> None:
    """What the action plugin does with an answer."""
    try:
        judged = judge(RULES, check(document))
        run.store("evil", {"outcome": "ok", "policy": pack.digest(RULES), "verdicts": judged, "document": document})
    except FleetError as error:
        run.store("evil", {"outcome": "failed", "error": str(error)})


def reported(run: Run) -> dict:
    names = ["evil", "good"]
    inventory = Inventory(len(names))
    model = build(RULES, inventory.watch(records(run, names, RULES)))
    html.render(model, inventory)
    encode(model)
    terminal.render(model)
    assert "good" in [host["host"] for host in model["hosts"]]
    told = [host["host"] for host in model["hosts"]] + [lost["host"] for lost in model["not_audited"]]
    assert sorted(told) == names
    return model


def told(document: dict) -> tuple[dict, dict]:
    """Reports of a run in which that host was audited, and with its record as an older version let it through."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder)
        clean = planted.document()
        run.store("good", {"outcome": "ok", "policy": "old", "document": clean})
        collected(run, document)
        new = reported(run)
        run.store("evil", {"outcome": "ok", "policy": "old", "document": document})
        rejudged = reported(run)
        verdicts = judge(RULES, weak())
        run.store("evil", {"outcome": "ok", "policy": pack.digest(RULES), "verdicts": verdicts, "document": document})
        reported(run)
        return new, rejudged


# records of programs have an `unavailable` already, or none
PLACES = [*places(weak()), ("programs", 1, "unavailable"), ("sysctls", 0, "unavailable"), ("kernel", "unavailable")]
PLACES += [("programs", 1, "metadata", "unavailable"), ("memlock", "limits", 0, "unavailable")]
NASTY = strategies.recursive(
    strategies.sampled_from([GONE, None, True, False, 0, -1, 1.5, 1e308, 10**4000, "", "x", "\ud800\x1b", [], {}, [[]]])
    | strategies.text(max_size=3),
    lambda inner: (
        strategies.lists(inner.filter(lambda one: one is not GONE), max_size=2)
        | strategies.dictionaries(
            strategies.sampled_from(["a", "unavailable", "name", "running", "pid", "id"]),
            inner.filter(lambda one: one is not GONE),
            max_size=2,
        )
    ),
    max_leaves=4,
)


@given(strategies.sampled_from(PLACES), NASTY)
@settings(max_examples=150)
@example(("collected_at",), "x")
@example(("programs", 0, "unavailable"), ["x"])
@example(("sysctls", 7, "running"), "x")
@example(("sysctls", 0, "name"), [])
@example(("programs", 0, "bytes_jited"), 1e308)
@example(("privileges", "caps"), 5)
def test_a_hostile_document_costs_at_most_its_own_host(path: tuple, value: object) -> None:
    told(spoilt(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("collected_at",), "x"),
        (("programs", 0, "unavailable"), ["x"]),
        (("programs", 0, "pids"), json.loads("[" * 900 + "]" * 900)),
        (("sysctls", 0, "name"), []),
        (("programs", 0, "bytes_jited"), "x"),
    ],
)
def test_such_a_host_is_not_audited_and_the_reason_is_there(path: tuple, value: object) -> None:
    for model in told(spoilt(path, value)):
        [lost] = model["not_audited"]
        assert lost["host"] == "evil" and lost["outcome"] == "failed" and "the host's document" in lost["error"]


def test_a_host_that_is_only_weak_is_audited() -> None:
    for model in told(weak()):
        assert model["not_audited"] == []


def test_a_record_that_somebody_broke_is_one_failed_host(tmp_path: pathlib.Path) -> None:
    run = Run(str(tmp_path))
    run.store("good", {"outcome": "ok", "policy": "old", "document": planted.document()})
    for broken in ({"verdicts": 5}, {"verdicts": [{"rule": "GONE"}]}, {}, {"verdicts": [{"rule": "EBPF-P001"}]}):
        record = {"outcome": "ok", "policy": pack.digest(RULES), "document": planted.document(), **broken}
        run.store("evil", record)
        [lost] = reported(run)["not_audited"]
        assert lost["outcome"] == "failed" and "cannot be used" in lost["error"]
