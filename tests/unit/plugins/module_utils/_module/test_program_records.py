# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._module import function_names
from ansible_collections.ebpf.fleet.plugins.module_utils._module.program_records import program_records
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import prog


def test_only_names_that_may_be_cut_are_completed(kernel, monkeypatch):
    asked = []
    monkeypatch.setattr(function_names, "complete", asked.extend)
    kernel.add_btf(60)
    kernel.add_program(30, name=b"short", btf_id=60, functions=[3])
    kernel.add_program(31, name=b"fifteen_letters", btf_id=60, functions=[3])
    kernel.add_program(32, name=b"fifteen_letters")
    reader, programs = prog.scan()
    records = program_records(reader, list(programs))
    assert [record["id"] for record in records] == [30, 31, 32]
    assert [(program.id, record["id"]) for program, record in asked] == [(31, 31)]


def test_nothing_is_asked_of_btf_where_all_names_are_whole(kernel, monkeypatch):
    monkeypatch.setattr(function_names, "complete", None)
    kernel.add_program(30, name=b"short")
    reader, programs = prog.scan()
    assert [record["full_name"] for record in program_records(reader, list(programs))] == ["short"]
