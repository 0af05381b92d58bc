# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the guide about code shows is what the collection makes of the bytes that stand in it."""

from __future__ import annotations

import pathlib
import re

import pytest

pytest.importorskip("capstone", reason="capstone is not installed")

from ansible_collections.ebpf.fleet.plugins.filter.bpf_disasm import bpf_disasm
from ansible_collections.ebpf.fleet.plugins.filter.bpf_jit_disasm import bpf_jit_disasm
from ansible_collections.ebpf.fleet.plugins.filter.bpf_symbolize import bpf_symbolize
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.kmsg import Line
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.jit_log import Log
from ansible_collections.ebpf.fleet.plugins.module_utils._view import jit_log
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.jit_log import finish

GUIDE = pathlib.Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_program_code.rst"
#: A line of bytes below an instruction.
BYTES = re.compile(r"^ {7}([0-9a-f]{2}(?: [0-9a-f]{2})*)$", re.MULTILINE)


def block(start: str) -> str:
    """Return the block of text in the guide that has a line which begins so."""
    blocks = re.findall(r"\.\. code-block:: text\n\n((?:   .*\n|\n)+?)(?=\n\S)", GUIDE.read_text(encoding="utf-8"))
    texts = ["".join(line[3:] for line in found.splitlines(keepends=True)) for found in blocks]
    (found,) = (text for text in texts if re.search(rf"^{re.escape(start)}", text, re.MULTILINE))
    return found.rstrip("\n") + "\n"


def shown(text: str) -> str:
    """Return a listing of machine code with blanks where it has tabs."""
    return text.replace(":\t", ":  ").replace("\n\t", "\n" + " " * 7)


def test_instructions() -> None:
    text = block("   0: (b7) r7 = 0")
    assert bpf_disasm(" ".join(BYTES.findall(text)), opcodes=True) == text
    assert text.count("\n") == 6


def test_machine_code() -> None:
    text = block("bpf_prog_d5cff0096b3db8f6_short_name:")
    code = bytes.fromhex(" ".join(BYTES.findall(text)))
    listing = shown(bpf_jit_disasm(code, opcodes=True))
    assert text.partition("; seen++;\n")[2] == listing and len(code) == 18


def test_the_log_of_the_compiler() -> None:
    log = Log()
    lines = block("[ 3389.935842] flen=").splitlines()
    log.read(Line(number, None, None, line.encode()) for number, line in enumerate(lines, 1))
    (image,) = map(jit_log.record, log.images)
    assert finish(image, "x86_64", True) == "" and image["complete"]
    assert shown(image["text"]) == block("70 bytes emitted")


def test_names_in_traces() -> None:
    symbol = {"address": "0xffffffffc004b000", "name": "bpf_prog_8227addf251b7543", "size": 0x600, "prog_ids": [1]}
    text = block("ksoftirqd/0")
    before = text.replace(" bpf_prog_8227addf251b7543+0x52c", "").replace(" [prog id 1]", "")
    assert "prog id" not in before and before.count("bpf_prog_") == 1
    assert bpf_symbolize(before, [symbol]) == text
