# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import pins
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def filled(bpffs, kernel):
    bpffs.add(b"/bpf/a/p", kernel.add_program(30, name=b"filter"))
    bpffs.add(b"/bpf/a/m", kernel.add_map(40, name=b"table"))
    bpffs.add(b"/bpf/l", kernel.add_link(50, type=6, ifindex=2))
    return bpffs


def names(result):
    return [record["path"].rpartition("/bpf/")[2] for record in result]


def test_reading_all_and_some(filled):
    assert names(pins.read()) == ["a/m", "a/p", "l"]
    assert names(pins.read([filled.text(b"/bpf/a")])) == ["a/m", "a/p"]
    assert names(pins.read([filled.text(b"/bpf/a/../l")])) == ["l"]
    assert pins.read([]) == []


def test_mounts_and_their_options(monkeypatch):
    text = b"36 30 0:31 / /sys/fs/bpf rw - bpf bpf rw,mode=700\n37 30 0:32 / /\xff rw - bpf bpf\n"
    monkeypatch.setattr(procfs, "read", lambda _path: text)
    assert pins.read_mounts() == [
        {"path": "/sys/fs/bpf", "options": ["rw", "mode=700"]},
        {"path": "/\\xff", "options": []},
    ]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({}, ["a/m", "a/p", "l"]),
        ({"kind": "prog"}, ["a/p"]),
        ({"id": 40}, ["a/m"]),
        ({"kind": "prog", "id": 40}, []),
        ({"name": "table"}, ["a/m"]),
        ({"kind": "link", "required": True}, ["l"]),
    ],
)
def test_the_module_chooses(filled, capsys, args, found):
    result = run_module(pins.run, capsys, **args)
    assert names(result["pins"]) == found
    assert [mount["path"] for mount in result["mounts"]] == [filled.text(b"/bpf")]
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"name": "x"}, "no pin with name=x on this host"),
        ({"kind": "map", "id": 30}, "no pin with kind=map, id=30 on this host"),
        ({"paths": ["/nothing", "/at/all"]}, "no pin at or below /nothing, /at/all"),
        ({"paths": ["/nothing"], "id": 3}, "no pin with id=3 at or below /nothing"),
    ],
)
def test_required_fails_in_words(filled, capsys, args, sentence):
    result = run_module(pins.run, capsys, required=True, **args)
    assert result["msg"] == sentence
    assert result["mounts"]
    assert run_module(pins.run, capsys, **args)["pins"] == []


def test_mounts_that_cannot_be_read(kernel, monkeypatch, capsys):
    def read(path):
        raise kernel_error(f"open {path}", errno.EACCES)

    monkeypatch.setattr(procfs, "read", read)
    result = run_module(pins.run, capsys)
    assert result["msg"].startswith("cannot list the BPF file systems: open /proc/self/mountinfo: ")
    assert result["failure"]["name"] == "EACCES"


def test_a_host_without_bpffs(bpffs, capsys):
    bpffs.mounts.clear()
    result = run_module(pins.run, capsys)
    assert (result["pins"], result["mounts"]) == ([], [])
