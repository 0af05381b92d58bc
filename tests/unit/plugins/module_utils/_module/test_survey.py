# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module.survey import Survey
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, owners
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, link_types

NEXT = {
    "programs": commands.BPF_PROG_GET_NEXT_ID,
    "maps": commands.BPF_MAP_GET_NEXT_ID,
    "links": commands.BPF_LINK_GET_NEXT_ID,
    "btfs": commands.BPF_BTF_GET_NEXT_ID,
}


@pytest.fixture
def host(proc, bpffs, kernel):
    """One object of each kind, all pinned and held by one process."""
    kernel.add_btf(60)
    program = kernel.add_program(30, type=26, map_ids=[40], btf_id=60)
    table = kernel.add_map(40)
    link = kernel.add_link(50, link_types.TRACING, 30, attach_type=24, target_obj_id=1, target_btf_id=9, cookie=0)
    for path, found in ((b"/bpf/p", program), (b"/bpf/m", table), (b"/bpf/l", link)):
        bpffs.add(path, found)
    fds = {
        3: ("anon_inode:bpf-prog", b"pos:\t0\nprog_id:\t30\n"),
        4: ("anon_inode:bpf-map", b"pos:\t0\nmap_id:\t40\n"),
        5: ("anon_inode:bpf_link", b"pos:\t0\nlink_id:\t50\n"),
    }
    proc.add_process(7, "agent", fds)
    return kernel


def test_every_noun(host):
    survey = Survey()
    assert [record["id"] for record in survey.programs] == [30]
    assert [record["id"] for record in survey.maps] == [40]
    assert [(record["id"], record["prog_type"]) for record in survey.links] == [(50, "tracing")]
    assert [(record["id"], record["prog_ids"]) for record in survey.btfs] == [(60, [30])]
    assert [record["kind"] for record in survey.pins] == ["link", "map", "prog"]
    assert survey.pids == [7]
    assert survey.unavailable == {}


def test_each_noun_is_read_once_whatever_needs_it(host):
    survey = Survey()
    for _turn in range(2):
        survey.add_columns()
        assert survey.programs and survey.maps and survey.links and survey.btfs and survey.pins
    # one id, and the end; but for BTF once more to see whether there is one at all
    assert {noun: host.count(cmd) for noun, cmd in NEXT.items()} == {"programs": 3, "maps": 3, "links": 3, "btfs": 2}


def test_what_nobody_wants_is_not_read(host):
    assert Survey().maps
    assert {noun for noun, cmd in NEXT.items() if host.count(cmd)} == {"maps"}


@pytest.mark.parametrize("noun", sorted(NEXT))
@pytest.mark.parametrize("number", [errno.EPERM, errno.EINVAL, errno.ENOSYS])
def test_a_noun_that_fails_takes_no_other_with_it(host, noun, number):
    host.fault(NEXT[noun], number)
    survey = Survey()
    told = {name: getattr(survey, name) for name in (*NEXT, "pins")}
    assert {name for name, records in told.items() if records is None} == {noun}
    assert set(survey.unavailable) == {noun}
    assert errno.errorcode[number] in survey.unavailable[noun]
    assert survey.unavailable[noun].startswith("cannot read " + {"btfs": "BTF objects"}.get(noun, noun))


def test_pins_that_cannot_be_listed(host, monkeypatch):
    real = procfs.read

    def read(path):
        if path == "/proc/self/mountinfo":
            raise kernel_error(f"open {path}", errno.EACCES)
        return real(path)

    monkeypatch.setattr(procfs, "read", read)
    survey = Survey()
    survey.add_columns()
    assert survey.pins is None
    assert set(survey.unavailable) == {"pins"}
    record = survey.programs[0]
    assert record["pinned"] is None
    assert "EACCES" in record["unavailable"]["pinned"]
    assert record["pids"] == [{"pid": 7, "comm": "agent"}]


def test_processes_that_cannot_be_listed(host, proc):
    proc.errors["/proc"] = errno.EACCES
    survey = Survey()
    survey.add_columns()
    assert survey.pids is None
    assert set(survey.unavailable) == {"owners"}
    assert survey.maps[0]["pids"] is None
    assert survey.maps[0]["pinned"]


def test_processes_that_hide_make_the_limits_incomplete(host, proc):
    proc.add_process(8)
    proc.errors["/proc/8/fd"] = errno.EACCES
    survey = Survey()
    assert survey.pids == [7]
    assert survey.unavailable == {"memlock.limits": "incomplete: EACCES on /proc/8/fd"}


def test_without_descriptor_texts_no_program_and_no_map(host, monkeypatch):
    def refuse():
        raise kernel_error("open /proc/self/fdinfo", errno.EMFILE)

    monkeypatch.setattr(procfs, "FdInfo", refuse)
    survey = Survey()
    assert (survey.programs, survey.maps) == (None, None)
    assert set(survey.unavailable) == {"programs", "maps"}


def test_columns_of_programs_maps_and_links(host, bpffs):
    survey = Survey()
    survey.add_columns()
    for record, path in ((survey.programs[0], b"p"), (survey.maps[0], b"m"), (survey.links[0], b"l")):
        assert record["pinned"] == [bpffs.text(b"/bpf/" + path)]
        assert record["pids"] == [{"pid": 7, "comm": "agent"}]


def test_what_a_process_hands_on_meanwhile_is_seen_where_it_went(host, bpffs, monkeypatch):
    program = host.add_program(31, type=26)
    scan = owners.scan

    def scan_while_a_loader_ends():
        found = scan()
        bpffs.add(b"/bpf/late", program)
        host.add_link(51, link_types.TRACING, 31, attach_type=24, target_obj_id=1, target_btf_id=9, cookie=0)
        return found

    monkeypatch.setattr(owners, "scan", scan_while_a_loader_ends)
    survey = Survey()
    survey.add_columns()
    assert [record["pinned"] for record in survey.programs if record["id"] == 31] == [[bpffs.text(b"/bpf/late")]]
    assert [record["id"] for record in survey.links] == [50, 51]


def test_a_host_without_links_does_not_need_their_code(host):
    host.objects["link"].clear()
    survey = Survey()
    assert survey.links == []
    assert host.count(NEXT["links"]) == 1


def test_btf_without_programs_has_unknown_users(host):
    host.fault(NEXT["programs"], errno.EPERM)
    (record,) = Survey().btfs
    assert record["prog_ids"] is None
    assert record["unavailable"]["prog_ids"] == "programs or maps not readable"


def test_links_without_programs_have_unknown_types(host):
    host.fault(NEXT["programs"], errno.EPERM)
    (record,) = Survey().links
    assert (record["prog_id"], record["unavailable"]) == (30, {"prog_type": "program not read"})


def test_a_bare_host_looks_into_no_process(proc, bpffs, kernel, monkeypatch):
    proc.add_process(7, "agent", {3: ("anon_inode:btf", b"pos:\t0\nbtf_id:\t60\n")})
    kernel.add_btf(1, name=b"vmlinux", kernel=1)
    monkeypatch.setattr(procfs, "listdir", None)
    survey = Survey()
    survey.add_columns()
    assert (survey.programs, survey.maps, survey.links, survey.pins) == ([], [], [], [])
    assert survey.pids == []


def test_btf_alone_is_something_to_hold(proc, bpffs, kernel):
    kernel.add_btf(60)
    proc.add_process(7, "agent", {3: ("anon_inode:btf", b"pos:\t0\nbtf_id:\t60\n")})
    assert Survey().pids == [7]


def test_one_refused_object_of_each_kind_fails_nothing(host):
    for kind, number in ((ids.PROG, 30), (ids.MAP, 40), (ids.LINK, 50), (ids.BTF, 60)):
        host.fault(kind.open_command, errno.EACCES, when=lambda call, number=number: call.number == number)
    survey = Survey()
    survey.add_columns()
    for records in (survey.programs, survey.maps, survey.links, survey.btfs):
        (record,) = records
        assert set(record["unavailable"].values()) == {"EACCES"}
    assert survey.unavailable == {}
