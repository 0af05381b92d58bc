# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import derive
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.standard import standard
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted


def test_settings_get_what_they_are_judged_by_and_the_document_stays() -> None:
    document = planted.document()
    before = copy.deepcopy(document)
    found = planted.setting(derive.enrich(document), "net.core.bpf_jit_harden")
    assert (found["supported"], found["accepted"], found["recommended"]) == (True, [2], 2)
    assert document == before


def test_a_setting_that_the_kernel_lacks_and_one_without_an_opinion() -> None:
    document = planted.document()
    gone = planted.setting(document, "kernel.bpf_stats_enabled")
    gone.update(running=None, unavailable={"running": "unsupported"})
    enriched = derive.enrich(document)
    assert planted.setting(enriched, "kernel.bpf_stats_enabled")["supported"] is False
    limit = planted.setting(enriched, "net.core.bpf_jit_limit")
    assert limit["accepted"] == [] and limit["recommended"] == limit["running"]


def test_limits_get_the_minimum() -> None:
    assert derive.enrich(planted.document())["memlock"]["limits"][0]["minimum"] == 67108864


def test_jit_use_in_percent() -> None:
    document = planted.document(net__core__bpf_jit_limit=1000)
    document["programs"] = [{"bytes_jited": 600}, {"bytes_jited": 159}]
    found = derive.enrich(document)["derived"]
    assert (found["jit_bytes"], found["jit_limit"], found["jit_percent"]) == (759, 1000, 75)
    assert found["unavailable"] == {}


def test_jit_use_is_unknown_as_soon_as_one_size_is() -> None:
    document = planted.document()
    document["programs"].append({"bytes_jited": None, "unavailable": {"bytes_jited": "EPERM"}})
    found = derive.enrich(document)["derived"]
    assert found["jit_percent"] is None and found["unavailable"]["jit_percent"] == "EPERM"


def test_jit_use_of_a_blind_host() -> None:
    found = derive.enrich(planted.blind())["derived"]
    assert found["jit_bytes"] is None and found["jit_limit"] is None
    assert "CAP_SYS_ADMIN" in found["unavailable"]["jit_bytes"] and found["unavailable"]["jit_limit"] == "EACCES"


def test_a_document_without_any_noun() -> None:
    found = derive.enrich({"schema": 1})["derived"]
    assert found["unavailable"]["jit_percent"] == "the programs are not known"
    assert found["unavailable"]["jit_limit"] == "the setting is not known"


def test_a_standard_counts_where_there_is_one() -> None:
    enriched = derive.enrich(planted.document(), standard("observability"))
    found = planted.setting(enriched, "net.core.bpf_jit_harden")
    assert (found["accepted"], found["wanted"], found["recommended"]) == ([0, 2], [0], 0)
    assert planted.setting(derive.enrich(planted.document()), "net.core.bpf_jit_harden")["wanted"] is None
