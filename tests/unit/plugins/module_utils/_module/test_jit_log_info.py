# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kmsg
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import jit_log_info
from ansible_collections.ebpf.fleet.plugins.modules.bpf_jit_log_info import OPTIONS
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._objects.test_jit_log import CODE, GUIDE, image
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


@pytest.fixture
def src(tmp_path):
    path = tmp_path / "dmesg"
    path.write_text(GUIDE)
    return str(path)


@pytest.fixture
def log(monkeypatch, proc):
    """A log of the kernel with the lines given."""

    def install(*lines):
        proc.write("/proc/sys/net/core/bpf_jit_enable", b"1\n")
        records = [kmsg.Line(number, 1.5, None, line.encode()) for number, line in enumerate(lines, 100)]
        monkeypatch.setattr(kmsg, "records", lambda: iter(records))

    return install


def test_a_file(src):
    result = jit_log_info.read(src, None)
    assert [bytes.fromhex(found["code"]) for found in result["images"]] == [CODE]
    assert (result["problems"], result["problem_count"], result["hints"]) == ([], 0, [])


def test_the_log_of_the_kernel(log):
    log(*image(pid=2)[:-1], *image(pid=2))
    result = jit_log_info.read(None, None)
    assert [(found["line"], found["time"], found["complete"]) for found in result["images"]] == [
        (100, 1.5, False), (105, 1.5, True),
    ]  # fmt: skip
    assert result["problems"] == [{"line": 100, "reason": "the image ends after 64 of 70 bytes"}]
    assert result["problem_count"] == 1


def test_the_last_image(log):
    log(*image(pid=1), *image(pid=2))
    assert [found["pid"] for found in jit_log_info.read(None, 1)["images"]] == [2]


def test_a_log_without_images_says_how_they_come_there(log):
    log("eth0: link up")
    result = jit_log_info.read(None, None)
    assert result["images"] == []
    (hint,) = result["hints"]
    assert "net.core.bpf_jit_enable=1" in hint and "CONFIG_BPF_JIT_ALWAYS_ON" in hint


def test_a_file_without_images_says_nothing(tmp_path):
    path = tmp_path / "log"
    path.write_text("x\n")
    assert jit_log_info.read(str(path), None) == {"images": [], "problems": [], "problem_count": 0, "hints": []}


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(KernelError):
        jit_log_info.read(str(tmp_path / "nothing"), None)


def test_the_module(src, capsys):
    result = run_module(lambda: jit_log_info.run(OPTIONS), capsys, src=src, opcodes=True)
    assert (result["changed"], result["machine"]) == (False, os.uname().machine)
    assert result["images"][0]["flen"] == 6


def test_the_machine_of_a_copy(src, capsys):
    assert run_module(lambda: jit_log_info.run(OPTIONS), capsys, src=src, machine="s390x")["machine"] == "s390x"


@pytest.mark.parametrize("last", [0, -1])
def test_no_images_at_all_are_not_wanted(src, capsys, last):
    result = run_module(lambda: jit_log_info.run(OPTIONS), capsys, src=src, last=last)
    assert result["msg"] == f"last is a number of images, at least 1, not {last}"


def test_what_is_no_file_fails_with_the_way_out(capsys):
    result = run_module(lambda: jit_log_info.run(OPTIONS), capsys, src="/dev/null")
    assert result["msg"].startswith("cannot read the log /dev/null: it is no file: name a copy of a log, or leave src")
    assert result["failure"]["name"] == "EINVAL"


def test_a_refused_log_names_the_capability(monkeypatch, capsys):
    def refuse():
        raise kernel_error("open /dev/kmsg", errno.EPERM)

    monkeypatch.setattr(kmsg, "records", refuse)
    result = run_module(lambda: jit_log_info.run(OPTIONS), capsys)
    assert result["msg"].startswith("cannot read the log /dev/kmsg: open /dev/kmsg")
    assert (result["failure"]["call"], result["failure"]["name"]) == ("open /dev/kmsg", "EPERM")
