# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.jit_log import finish
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._objects.test_jit_log import CODE

# What bpf_jit_disasm -o prints in the BPF guide, byte for byte.
GUIDE = """\
70 bytes emitted from JIT compiler (pass:3, flen:6)
ffffffffa0069c8f + <x>:
   0:\tpush   %rbp
\t55
   1:\tmov    %rsp,%rbp
\t48 89 e5
   4:\tsub    $0x60,%rsp
\t48 83 ec 60
   8:\tmov    %rbx,-0x8(%rbp)
\t48 89 5d f8
   c:\tmov    0x68(%rdi),%r9d
\t44 8b 4f 68
  10:\tsub    0x6c(%rdi),%r9d
\t44 2b 4f 6c
  14:\tmov    0xd8(%rdi),%r8
\t4c 8b 87 d8 00 00 00
  1b:\tmov    $0xc,%esi
\tbe 0c 00 00 00
  20:\tcallq  0xffffffffe0ff9442
\te8 1d 94 ff e0
  25:\tcmp    $0x800,%eax
\t3d 00 08 00 00
  2a:\tjne    0x0000000000000042
\t75 16
  2c:\tmov    $0x17,%esi
\tbe 17 00 00 00
  31:\tcallq  0xffffffffe0ff945e
\te8 28 94 ff e0
  36:\tcmp    $0x1,%eax
\t83 f8 01
  39:\tjne    0x0000000000000042
\t75 07
  3b:\tmov    $0xffff,%eax
\tb8 ff ff 00 00
  40:\tjmp    0x0000000000000044
\teb 02
  42:\txor    %eax,%eax
\t31 c0
  44:\tleaveq
\tc9
  45:\tretq
\tc3
"""


def record(**fields):
    return {"flen": 6, "proglen": 70, "pass": 3, "image": "ffffffffa0069c8f", "code": CODE.hex(), **fields}


def test_the_image_of_the_guide_with_its_bytes():
    pytest.importorskip("capstone")
    image = record()
    assert finish(image, "x86_64", True) == ""
    assert image["text"] == GUIDE


def test_without_the_bytes():
    pytest.importorskip("capstone")
    image = record()
    finish(image, "x86_64", False)
    assert image["text"] == "".join(line for line in GUIDE.splitlines(keepends=True) if not re.match("\t", line))


def test_another_machine():
    pytest.importorskip("capstone")
    image = record(code="07fe", proglen=2)
    finish(image, "s390x", False)
    assert image["text"].splitlines()[2] == "   0:\tbr %r14"


def test_an_image_that_is_not_whole():
    pytest.importorskip("capstone")
    image = record(code=CODE[:16].hex(), image=None)
    finish(image, "x86_64", False)
    assert image["text"].splitlines()[:2] == ["16 of 70 bytes emitted from JIT compiler (pass:3, flen:6)", "? + <x>:"]


def test_an_image_without_bytes_needs_no_disassembler(monkeypatch):
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    image = record(code="")
    assert finish(image, "x86_64", False) == ""
    assert image["text"] == "0 of 70 bytes emitted from JIT compiler (pass:3, flen:6)\nffffffffa0069c8f + <x>:\n"


def test_what_cannot_be_disassembled_stays_bytes():
    image = record()
    assert "'vax' cannot be disassembled" in finish(image, "vax", False) or not disassemble.HAS_CAPSTONE
    assert (image["text"], image["unavailable"], image["code"]) == (None, {"text": "not disassembled"}, CODE.hex())
