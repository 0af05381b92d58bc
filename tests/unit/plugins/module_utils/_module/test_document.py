# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import errno
import json
import zlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import document as document_module
from ansible_collections.ebpf.fleet.plugins.module_utils._module import settings
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.plugins.module_utils._view import map as map_view
from ansible_collections.ebpf.fleet.plugins.module_utils._view import prog as prog_view

KEYS = [
    "schema", "collected_at", "kernel", "privileges", "programs", "maps", "links", "btfs", "pins", "sysctls", "memlock",
    "unavailable",
]  # fmt: skip


@pytest.fixture
def host(bpffs, proc, kernel, monkeypatch):
    bpffs.add(b"/bpf/m", kernel.add_map(40))
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    proc.write("/proc/sys/kernel/random/boot_id", b"1234\n")
    proc.write("/proc/self/status", b"CapEff:\t0000008000200000\n")
    proc.add_process(7, "agent", {3: ("anon_inode:bpf-prog", b"pos:\t0\nprog_id:\t30\n")})
    kernel.add_program(30, map_ids=[40, 41])
    kernel.add_map(41)
    kernel.add_map(42)
    kernel.add_btf(60)
    kernel.add_link(50, 6, 30, ifindex=0)
    monkeypatch.setattr(settings, "read_sysctls", list)
    monkeypatch.setattr(settings, "read_memlock", lambda pids: {"charged": None, "limits": []})
    return kernel


def unpack(text):
    return json.loads(zlib.decompress(base64.b64decode(text)))


def test_the_document_has_every_noun_in_full(host):
    document = document_module.collect()
    assert list(document) == KEYS
    assert set(document["programs"][0]) == set(prog_view.KEYS) | {"pinned", "pids", "holders"}
    assert set(document["maps"][0]) == set(map_view.KEYS) | {"pinned", "pids", "holders"}
    assert document["privileges"]["caps"] == ["sys_admin", "bpf"]
    assert document["unavailable"] == {}


def test_who_holds_what(host):
    document = document_module.collect()
    assert document["programs"][0]["holders"] == ["links", "pids"]
    assert [record["holders"] for record in document["maps"]] == [["pinned", "programs"], ["programs"], []]


@pytest.mark.parametrize(
    ("noun", "cmd"),
    [
        ("programs", commands.BPF_PROG_GET_NEXT_ID),
        ("maps", commands.BPF_MAP_GET_NEXT_ID),
        ("links", commands.BPF_LINK_GET_NEXT_ID),
        ("btfs", commands.BPF_BTF_GET_NEXT_ID),
    ],
)
def test_a_noun_that_fails_is_null_with_a_sentence(host, noun, cmd):
    host.fault(cmd, errno.EPERM)
    document = document_module.collect()
    assert document[noun] is None
    assert list(document["unavailable"]) == [noun]
    assert sum(document[other] is not None for other in ("programs", "maps", "links", "btfs", "pins")) == 4


def test_packing_is_a_fixed_point_for_any_text():
    document = {"a": ["\\xff\n\x1b", "\xe9", None, True, 2**64 - 1]}
    assert unpack(document_module.pack(document)) == document


def test_one_walk_over_each_kind_of_object(host):
    host.remove(host.objects["map"][42])
    document_module.collect()
    for cmd, objects in ((commands.BPF_PROG_GET_NEXT_ID, 1), (commands.BPF_MAP_GET_NEXT_ID, 2)):
        # the end, and the first one once more to see whether there is any
        assert host.count(cmd) == objects + 2


@pytest.mark.parametrize(("number", "holders"), [(errno.EINVAL, []), (errno.EPERM, None)])
def test_links_of_an_old_kernel_hold_no_map(host, number, holders):
    """Before Linux 5.8 no link has an id, and none is of a map; a right that is missing tells nothing."""
    host.fault(commands.BPF_LINK_GET_NEXT_ID, number)
    document = document_module.collect()
    assert [record["holders"] for record in document["maps"]] == [["pinned", "programs"], ["programs"], holders]


def closed_meanwhile(host, *gone):
    """Let objects go when the processes have been looked into."""
    host.before(commands.BPF_LINK_GET_FD_BY_ID, lambda _call: [host.remove(found) for found in gone])


def test_what_is_closed_while_the_rest_is_read_is_left_out(host):
    closed_meanwhile(host, host.objects["map"][42], host.add_program(31))
    document = document_module.collect()
    assert [record["id"] for record in document["programs"]] == [30]
    assert [record["id"] for record in document["maps"]] == [40, 41]


def test_only_what_nothing_holds_is_asked_for_once_more_and_not_opened(host):
    host.add_program(31)
    document = document_module.collect()
    assert [record["holders"] for record in document["programs"]] == [["links", "pids"], []]
    for kind, objects in ((ids.PROG, 2), (ids.MAP, 3)):
        # see below; each has one that nothing holds
        assert host.count(kind.next_command) == objects + 2 + 1
        assert host.count(kind.open_command) == objects


def test_an_object_whose_id_cannot_be_asked_for_any_more_stays(host, monkeypatch):
    add = document_module.Survey.add_columns

    def add_columns(survey):
        add(survey)
        host.fault(commands.BPF_MAP_GET_NEXT_ID, errno.EPERM)

    monkeypatch.setattr(document_module.Survey, "add_columns", add_columns)
    assert [record["id"] for record in document_module.collect()["maps"]] == [40, 41, 42]
