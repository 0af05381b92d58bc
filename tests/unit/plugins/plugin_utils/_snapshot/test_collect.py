# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot.collect import Collector

PROGRAMS = [{"id": 4, "btf_id": 60, "map_ids": [7]}, {"id": 5, "btf_id": 60, "map_ids": None}]
MACHINE = {
    "raw": "c3",
    "machine": "x86_64",
    "functions": [{"name": "f", "proto": None, "address": None, "offset": 0, "size": 1}],
    "hints": [],
    "sources": [],
    "symbols": {},
}


class Target:
    """Answers of modules; those in ``broken`` fail."""

    def __init__(self, *broken):
        self.broken = broken
        self.asked = []

    def __call__(self, name, options):
        self.asked.append((name, options))
        if name in self.broken:
            return {"failed": True, "msg": f"{name} said no"}
        if name == "bpf_prog_code_info":
            if options.get("what") == "jited":
                return {"programs": [dict(MACHINE, id=one["id"], hints=[]) for one in PROGRAMS]}
            key = "dot" if options["format"] == "dot" else "text"
            return {"programs": [{"id": one["id"], key: "code", "hints": []} for one in PROGRAMS]}
        return {
            "bpf_prog_info": {"programs": PROGRAMS},
            "bpf_map_info": {"maps": [{"id": 7}, {"id": 8}]},
            "bpf_link_info": {"links": [{"id": 1, "type": "xdp", "prog_id": 4}, {"id": 2, "prog_id": 99}]},
            "bpf_sysctl_info": {"sysctls": [{"name": "a", "running": 1}]},
            "bpf_btf_info": {"btfs": [{"id": 60, "dump": "struct s;"}]},
            "bpf_map_entry_info": {"map": {}, "entries": [1], "complete": False, "warnings": []},
        }[name]

    def names(self):
        return [name for name, _options in self.asked]


def test_one_call_for_each_kind():
    target = Target()
    found = Collector(target, {}).collect()
    assert sorted(target.names()) == sorted(
        ["bpf_prog_info", "bpf_map_info", "bpf_link_info", "bpf_sysctl_info", "bpf_btf_info"]
        + 3 * ["bpf_prog_code_info"]
    )
    assert found["missing"] == [] and found["entries"] == {}
    assert found["types"] == {60: "struct s;"}
    assert list(found["xlated"]) == list(found["flow"]) == list(found["jited"]) == [4, 5]
    assert "ret" in found["jited"][4]["text"]


def test_what_was_selected():
    target = Target()
    found = Collector(target, {"name": "f", "id": None}, 3).collect()
    assert [one["id"] for one in found["maps"]] == [7] and [one["id"] for one in found["links"]] == [1]
    assert ("bpf_map_entry_info", {"id": 7, "limit": 3}) in target.asked
    assert found["entries"] == {7: {"map": {}, "entries": [1], "complete": False}}
    assert all(options["name"] == "f" for name, options in target.asked if name.startswith("bpf_prog"))


def test_what_is_missing_is_said_and_the_rest_is_there():
    broken = ("bpf_map_entry_info", "bpf_link_info", "bpf_btf_info", "bpf_sysctl_info", "bpf_prog_code_info")
    found = Collector(Target(*broken), {}, 3).collect()
    assert found["programs"] == PROGRAMS and len(found["maps"]) == 2
    for name in broken:
        assert any(f"{name} said no" in sentence for sentence in found["missing"]), name


def test_a_host_without_an_answer():
    with pytest.raises(FleetError, match="bpf_prog_info said no"):
        Collector(Target("bpf_prog_info"), {}).collect()


def test_no_disassembler(monkeypatch):
    from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot import collect

    def missing(program, *_options):
        program["text"] = None
        return "capstone is missing"

    monkeypatch.setattr(collect, "finish", missing)
    assert Collector(Target(), {}).collect()["missing"] == ["machine code is not disassembled: capstone is missing"]
