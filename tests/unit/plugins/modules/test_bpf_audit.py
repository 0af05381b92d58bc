# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import zlib

from ansible_collections.ebpf.fleet.plugins.module_utils._module import settings
from ansible_collections.ebpf.fleet.plugins.modules import bpf_audit
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


def test_the_document_of_a_host(bpffs, proc, kernel, monkeypatch, capsys):
    monkeypatch.setattr(settings, "read_memlock", lambda pids: {"charged": None})
    monkeypatch.setattr(settings, "read_sysctls", list)
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    proc.write("/proc/self/status", b"CapEff:\t0\n")
    kernel.add_program(30)
    result = run_module(bpf_audit.main, capsys, rules=["/etc/rules.yml"], run_dir="/nowhere")
    document = json.loads(zlib.decompress(base64.b64decode(result["document"])))
    assert document["programs"][0]["id"] == 30
    assert result["changed"] is False


def test_an_option_that_it_does_not_have(capsys):
    assert run_module(bpf_audit.main, capsys, rule=["x"])["failed"]
