# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import columns

MAP = "anon_inode:bpf-map"


def records(*numbers):
    return [{"id": number} for number in numbers]


def test_columns_that_nobody_asked_for_cost_nothing(bpffs, proc, kernel):
    found = records(5)
    columns.add_columns(found, "map", [])
    assert (found, kernel.calls) == (records(5), [])


def test_without_records_nobody_is_asked(bpffs, proc, kernel):
    proc.errors["/proc"] = errno.EACCES
    columns.add_columns([], "map", ["pinned", "pids"])
    assert kernel.calls == []


def test_pinned(bpffs, kernel):
    shared = kernel.add_map(5)
    bpffs.add(b"/bpf/b", shared)
    bpffs.add(b"/bpf/a\xff", shared)
    bpffs.add(b"/bpf/c", kernel.add_program(6))
    found = records(5, 6)
    columns.add_columns(found, "map", ["pinned"])
    assert [path.rpartition("/")[2] for path in found[0]["pinned"]] == ["a\\xff", "b"]
    assert found[1] == {"id": 6, "pinned": []}


def test_a_pin_that_is_hidden_by_rights_makes_an_empty_list_unknown(bpffs, kernel):
    bpffs.add(b"/bpf/a", errno.EACCES)
    bpffs.add(b"/bpf/b", kernel.add_map(5))
    found = records(5, 6)
    columns.add_columns(found, "map", ["pinned"])
    assert found[0]["pinned"] == [bpffs.text(b"/bpf/b")]
    assert found[0]["unavailable"] == {"pinned": "incomplete: EACCES"}
    assert found[1] == {"id": 6, "pinned": None, "unavailable": {"pinned": "EACCES"}}


def test_the_kernel_s_own_iterators_hide_nothing(bpffs, kernel):
    bpffs.add(b"/bpf/maps.debug", errno.ENOENT)
    found = records(6)
    columns.add_columns(found, "map", ["pinned"])
    assert found == [{"id": 6, "pinned": []}]


def test_mounts_that_cannot_be_listed(proc, kernel):
    proc.errors["/proc/self/mountinfo"] = errno.EACCES
    found = records(6)
    columns.add_columns(found, "map", ["pinned"])
    assert found == [{"id": 6, "pinned": None, "unavailable": {"pinned": "EACCES"}}]


def test_pids(proc):
    proc.add_process(7, b"ag\xffent", {3: (MAP, b"pos:\t0\nmap_id:\t5\n")})
    found = records(5, 6)
    columns.add_columns(found, "map", ["pids"])
    assert found == [{"id": 5, "pids": [{"pid": 7, "comm": "ag\\xffent"}]}, {"id": 6, "pids": []}]


def test_processes_that_may_not_be_looked_into(proc):
    proc.add_process(7, fds={3: (MAP, b"pos:\t0\nmap_id:\t5\n")})
    proc.add_process(8)
    proc.errors["/proc/8/fd"] = errno.EACCES
    found = records(5, 6)
    columns.add_columns(found, "map", ["pids"])
    assert found[0]["unavailable"] == {"pids": "incomplete: EACCES on /proc/8/fd"}
    assert found[1] == {"id": 6, "pids": None, "unavailable": {"pids": "EACCES on /proc/8/fd"}}


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOENT])
def test_without_proc(proc, number):
    proc.errors["/proc"] = number
    found = records(6)
    columns.add_columns(found, "map", ["pids"])
    assert found == [{"id": 6, "pids": None, "unavailable": {"pids": errno.errorcode[number]}}]


def test_one_walk_serves_all_records(proc, monkeypatch):
    asked = []
    monkeypatch.setattr(columns.Pids, "read", classmethod(lambda cls: asked.append(1) or cls(None, "x")))
    columns.add_columns(records(*range(50)), "map", ["pids"])
    assert asked == [1]
