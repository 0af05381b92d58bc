# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.standard import standard
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.hosts import records
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.directory import Run
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Run:
    return Run(str(tmp_path))


def good(document: dict) -> dict:
    return {
        "outcome": "ok",
        "policy": pack.digest(RULES),
        "verdicts": judge(RULES, document),
        "document": document,
    }


def test_every_expected_host_has_a_record(run: Run) -> None:
    run.store("a", good(planted.document()))
    run.store("b", {"outcome": "unreachable", "error": "no route"})
    run.store("not expected", good(planted.document()))
    found = dict(records(run, ["a", "b", "c"], RULES))
    assert [record["outcome"] for record in found.values()] == ["ok", "unreachable", "missing"]
    assert found["b"]["error"] == "no route" and "no record" in found["c"]["error"]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"outcome": "ok", "policy": "x"}, "incomplete: it has no 'document'"),
        ({}, "incomplete: it has no 'outcome'"),
        ({"outcome": "failed"}, "incomplete: it has no 'error'"),
        ({"outcome": "ok", "document": {"schema": 7}}, "not of schema 1"),
    ],
)
def test_a_record_that_cannot_be_used_is_a_failed_host(run: Run, record: dict, text: str) -> None:
    run.store("a", record)
    [(_name, found)] = records(run, ["a"], RULES)
    assert found["outcome"] == "failed" and text in found["error"]


def test_a_file_that_is_no_json_is_a_failed_host(run: Run, tmp_path: pathlib.Path) -> None:
    run.store("a", {})
    (tmp_path / "hosts" / "a.json").write_text("{")
    [(_name, found)] = records(run, ["a"], RULES)
    assert found["outcome"] == "failed" and "not JSON" in found["error"]


def test_a_host_judged_by_other_rules_is_judged_again(run: Run) -> None:
    record = good(planted.document(kernel__kptr_restrict=0))
    run.store("a", {**record, "policy": "old", "verdicts": []})
    [(_name, found)] = records(run, ["a"], RULES)
    assert found["verdicts"] == record["verdicts"]


def test_a_host_judged_again_is_measured_by_the_same_profile(run: Run) -> None:
    document, measure = planted.document(net__core__bpf_jit_harden=0), standard("observability")
    record = {**good(document), "standard": measure, "verdicts": judge(RULES, document, measure)}
    assert record["verdicts"] != judge(RULES, document)
    run.store("a", {**record, "policy": "old", "verdicts": []})
    [(_name, found)] = records(run, ["a"], RULES)
    assert found["verdicts"] == record["verdicts"]


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        ("stig", "its standard is no mapping"),
        ({"profile": "stig", "settings": [1]}, "its standard is no mapping"),
        ({"profile": "gone"}, "there is no profile gone"),
    ],
)
def test_a_standard_that_does_not_exist_is_a_failed_host(run: Run, kept: object, text: str) -> None:
    run.store("a", {**good(planted.document()), "policy": "old", "standard": kept})
    [(_name, found)] = records(run, ["a"], RULES)
    assert found["outcome"] == "failed" and text in found["error"]
