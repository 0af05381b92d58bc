# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack, tally
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted


def test_counts_know_nothing_from_none() -> None:
    assert tally.counts(planted.document()) == {"programs": 1, "maps": 1, "links": 1, "btfs": 1, "pins": 1}
    assert tally.counts(planted.blind()) == {"programs": None, "maps": None, "links": None, "btfs": None, "pins": 1}


def test_findings_and_verdicts() -> None:
    rules = pack.load([])
    judged = judge(rules, planted.document(kernel__unprivileged_bpf_disabled=0, kernel__kptr_restrict=0))
    assert tally.findings(rules, judged) == {"critical": 0, "high": 1, "medium": 1, "low": 0, "info": 0}
    assert list(tally.findings(rules, judged)) == ["critical", "high", "medium", "low", "info"]
    counts = tally.verdicts(judged)
    assert counts["fail"] == 2 and sum(counts.values()) == len(rules)
