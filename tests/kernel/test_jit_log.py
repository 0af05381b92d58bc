# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of the running kernel. Images come there only where net.core.bpf_jit_enable may be 2."""

from __future__ import annotations

import subprocess
from pathlib import Path

import objects
import pytest
from modules import ModuleFailed, run_module

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kmsg
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.jit_log import Log
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.prog_code import Reader
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import prog_types

ENABLE = Path("/proc/sys/net/core/bpf_jit_enable")


def test_records_are_those_of_the_kernel_and_stay_there():
    first = list(kmsg.records())
    again = list(kmsg.records())
    assert first and first[-1] in again
    assert [line.number for line in first] == sorted(line.number for line in first)
    assert all(line.text is None or (line.time >= 0 and b"\n" not in line.text) for line in first)


def test_records_are_those_of_dmesg():
    done = subprocess.run(["dmesg", "--raw"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("dmesg cannot read the log here")
    texts = [line.text for line in kmsg.records() if line.text]
    # dmesg does not escape, and cuts lines of its own
    plain = [text for text in texts if b"\\x" not in text]
    assert plain and all(text in done.stdout for text in plain[-20:])


def test_the_module_reads_the_log():
    result = run_module("bpf_jit_log_info")
    assert result["images"] or "net.core.bpf_jit_enable=" in result["hints"][0]
    with pytest.raises(ModuleFailed):
        run_module("bpf_jit_log_info", {"src": "/dev/kmsg"})


def test_what_the_compiler_writes_is_what_the_kernel_runs():
    before = ENABLE.read_text()
    try:
        try:
            ENABLE.write_text("2")
        except OSError:
            pytest.skip("net.core.bpf_jit_enable cannot be 2 here")
        with objects.Program(prog_types.SOCKET_FILTER, insns=objects.returns(77)).load() as fd:
            size = Reader().read(fd.number)
    finally:
        ENABLE.write_text(before)
    log = Log(last=1)
    log.read(kmsg.records())
    (image,) = log.images
    assert image.complete and image.flen >= 2 and size.count == 1
