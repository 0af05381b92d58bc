# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report import inventory
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])


def watched(document: dict, hosts: int = 1) -> dict:
    found = inventory.Inventory(hosts)
    record = {"outcome": "ok", "verdicts": judge(RULES, document), "document": document}
    lost = {"outcome": "missing", "error": "x"}
    assert list(found.watch([("a", record), ("b", lost)])) == [("a", record), ("b", lost)]
    return found.of("a")


def table(found: dict, noun: str) -> dict:
    return next(one for one in found["tables"] if one["noun"] == noun)


def test_a_table_has_the_columns_that_say_something() -> None:
    programs = table(watched(planted.document()), "programs")
    assert programs["count"] == 1 and programs["left"] == 0
    row = dict(zip(programs["keys"], programs["rows"][0], strict=True))
    assert row["name"] == "sd_fw_egress" and row["pids"] == "systemd (1)" and row["jited"] == "yes"
    assert "tag" not in table(watched(planted.document()), "pins")["keys"]


def test_unknown_is_told_from_none_in_a_cell() -> None:
    document = planted.document()
    document["programs"][0].update(uid=None, unavailable={"uid": "EPERM"})
    document["programs"].append({**planted.PROGRAM, "holders": []})
    found = table(watched(document), "programs")
    uid = found["keys"].index("uid") if "uid" in found["keys"] else None
    assert uid is not None and found["rows"][0][uid] == "? EPERM"
    assert found["rows"][1][found["keys"].index("holders")] == ""


def test_a_noun_that_could_not_be_listed_says_why() -> None:
    found = table(watched(planted.blind()), "programs")
    assert found["count"] is None and "CAP_SYS_ADMIN" in found["why"]


def test_rows_are_cut_when_there_are_many_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    document = planted.document()
    document["programs"] = [{**planted.PROGRAM, "id": number} for number in range(500)]
    assert table(watched(document), "programs")["left"] == 0
    cut = table(watched(document, hosts=400), "programs")
    assert cut["count"] == 500 and cut["left"] == 490


def test_what_a_host_could_not_tell_is_grouped_with_its_rules() -> None:
    unseen = {fact: (reason, rules) for fact, reason, rules in watched(planted.blind())["unseen"]}
    reason, rules = unseen["programs"]
    assert "CAP_SYS_ADMIN" in reason and "EBPF-P001" in rules
    assert unseen["sysctls.running of net.core.bpf_jit_harden"] == ("EACCES", ["EBPF-S005"])
