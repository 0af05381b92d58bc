# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._jmespath import parse
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.needs import derive


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("programs", ["programs"]),
        ("length(programs) > `3`", ["programs"]),
        ("programs[?jited == `false`]", ["programs.jited"]),
        ("programs[?jited == `false`].{id: id, name: name}", ["programs.jited"]),
        ("programs[?jited == `false`].name", ["programs.jited", "programs.name"]),
        ("programs[?pids[?comm == 'x']]", ["programs.pids"]),
        ("programs[?@.uid != `0`]", ["programs.uid"]),
        ("programs[0].uid", ["programs.uid"]),
        ("programs[1:].uid", ["programs.uid"]),
        ("programs[*].uid | [?@ > `0`]", ["programs.uid"]),
        ("sort_by(programs, &id)[?uid != `0`]", ["programs.id", "programs.uid"]),
        ("map(&uid, programs)", ["programs.uid"]),
        ("reverse(programs)[?uid != `0`]", ["programs.uid"]),
        ("(programs || maps)[?btf_id == `1`]", ["maps.btf_id", "programs.btf_id"]),
        ("[programs[?jited], maps[?frozen]][]", ["maps.frozen", "programs.jited"]),
        ("[programs[?jited].{id: id}, maps[?frozen].{id: id}][]", ["maps.frozen", "programs.jited"]),
        ("[memlock][?charged]", ["memlock.charged"]),
        ("memlock.limits[?soft < minimum].{pid: pid}", ["memlock.limits"]),
        ("{p: programs, m: maps}.p[?jited]", ["maps", "programs.jited"]),
        ("programs[].{n: name, u: uid} | [?u != `0`].{n: n}", ["programs.name", "programs.uid"]),
        ("kernel.release == '1' && !(kernel.machine)", ["kernel.machine", "kernel.release"]),
        ("*.x", ["*"]),
        ("programs[].dev.*", ["programs.dev"]),
        ("`true`", []),
        ("@", []),
    ],
)
def test_names_of_what_a_query_rests_on(query: str, names: list[str]) -> None:
    assert derive(parse(query)).names() == names


def test_what_is_only_shown_is_kept_apart() -> None:
    needs = derive(parse("programs[?jited].{id: id, who: pids[0].comm}"))
    assert needs.shows == {("programs", "id"), ("programs", "pids"), ("programs", "pids", "comm")}


def test_comparisons_with_null_are_noted() -> None:
    needs = derive(parse("programs[?btf_id == `null` || `null` != dev || uid < `null` || id == `0`]"))
    assert needs.null_tests == {("programs", "btf_id"), ("programs", "dev")}
