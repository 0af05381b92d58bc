# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.modules import bpf_pin_info
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def run(bpffs, kernel, capsys):
    bpffs.add(b"/bpf/a/p", kernel.add_program(30, name=b"filter"))
    bpffs.add(b"/bpf/m", kernel.add_map(40))

    def call(**args):
        return run_module(bpf_pin_info.main, capsys, **args)

    return call


def test_all_pins_and_mounts(run, bpffs):
    result = run()
    assert [record["path"] for record in result["pins"]] == [bpffs.text(b"/bpf/a/p"), bpffs.text(b"/bpf/m")]
    assert result["mounts"] == [{"path": bpffs.text(b"/bpf"), "options": ["rw"]}]
    assert result["changed"] is False


def test_paths_are_a_list_or_one(run, bpffs):
    assert len(run(paths=[bpffs.text(b"/bpf/a")])["pins"]) == 1
    assert len(run(paths=bpffs.text(b"/bpf/m"))["pins"]) == 1


def test_selectors(run):
    assert [record["id"] for record in run(kind="map")["pins"]] == [40]
    assert [record["id"] for record in run(name="filter")["pins"]] == [30]
    assert run(kind="socket")["failed"]
    assert run(name="x", required=True)["msg"] == "no pin with name=x on this host"
