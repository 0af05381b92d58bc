# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.plugins.plugin_utils._report import model, terminal
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])


def record(document: dict) -> dict:
    return {"outcome": "ok", "verdicts": judge(RULES, document), "document": document}


def lines(*fleet: tuple[str, dict], width: int = 100) -> list[str]:
    return terminal.render(model.build(RULES, fleet), width)


def test_a_clean_host() -> None:
    assert lines(("web1", record(planted.document()))) == [
        "eBPF audit: 1 of 1 host audited; no findings",
        "",
        "HOST  PROGRAMS  MAPS  LINKS  PINS  CRIT  HIGH  MED  LOW  INFO  UNKNOWN",
        "web1         1     1      1     1     0     0    0    0     0        0",
    ]


def test_findings_and_what_could_not_be_seen() -> None:
    weak = record(planted.document(kernel__unprivileged_bpf_disabled=0))
    text = lines(("web1", record(planted.blind())), ("web2", weak))
    assert text[0] == "eBPF audit: 2 of 2 hosts audited; 1 high"
    assert "1 host was audited without root" in text[1] and "become: true" in text[1]
    assert text[4].startswith("web2") and text[5].startswith("web1         ?     ?")
    assert "high      EBPF-S001      1        1  Unprivileged users may load BPF programs" in text
    assert any(line.startswith("sysctls.running (net.core.bpf_jit_harden)") and "EACCES" in line for line in text)


def test_a_rule_that_could_not_be_evaluated_is_named() -> None:
    found = model.build(RULES, [("web1", record(planted.document()))])
    found["not_evaluated"] = [{"rule": "OUR-1", "severity": "low", "reason": "wh\x1by", "hosts": ["web1", "web2"]}]
    text = terminal.render(found)
    assert text[0] == "eBPF audit: 1 of 1 host audited; no findings, but 1 rule could not be evaluated"
    assert text[1] == "  OUR-1 on 2 hosts: wh\\x1by"


def test_a_host_that_was_lost_says_the_whole_reason() -> None:
    why = "a very long reason " * 20
    assert f"  not audited: db1 (failed): {why}" in lines(("db1", {"outcome": "failed", "error": why}))


def test_hostile_names_obey_nobody() -> None:
    document = planted.document(kernel__kptr_restrict=0)
    document["unavailable"]["x\x1b]0;pwned\x07"] = "line\nbreak"
    text = lines(("evil\x1b[2J\r", record(document)), ("b\nad", {"outcome": "failed", "error": "\x9b31m"}))
    assert all(char.isprintable() for line in text for char in line)
    assert any("evil\\x1b[2J\\r" in line for line in text)


def test_a_large_fleet_is_cut_and_says_so() -> None:
    weak = record(planted.document(kernel__kptr_restrict=0))
    clean = record(planted.document())
    fleet = [(f"web{number:03}", weak if number == 42 else clean) for number in range(60)]
    fleet += [(f"zdb{number:03}", {"outcome": "missing", "error": "gone"}) for number in range(25)]
    text = lines(*fleet)
    assert "... and 40 more hosts, with fewer findings" in text and "  ... and 5 more" in text
    assert next(line for line in text if line.startswith("web")).startswith("web042")


def test_tables_keep_to_the_width() -> None:
    document = planted.document()
    document["unavailable"]["programs"] = "x" * 500
    assert max(len(line) for line in lines(("w", record(document)), width=80)) == 80
