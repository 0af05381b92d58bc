# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter.bpf_jit_disasm import FilterModule
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils._native.test_disassemble import IMAGE, STARTS

bpf_jit_disasm = FilterModule().filters()["bpf_jit_disasm"]


def test_an_image_out_of_a_kernel_log() -> None:
    lines = bpf_jit_disasm(IMAGE.hex()).splitlines()
    assert [int(line.partition(":")[0], 16) for line in lines] == STARTS
    assert lines[0] == "   0:\tpush   %rbp"
    assert lines[8] == "  20:\tcallq  0xffffffffe0ff9442"
    assert lines[10] == "  2a:\tjne    0x0000000000000042"


def test_opcodes() -> None:
    assert bpf_jit_disasm("55c3", opcodes=True) == "   0:\tpush   %rbp\n\t55\n   1:\tretq\n\tc3\n"


@pytest.mark.parametrize("address", [0xFFFFFFFFA0069C8F, "0xffffffffa0069c8f", str(0xFFFFFFFFA0069C8F)])
def test_an_address(address) -> None:
    lines = bpf_jit_disasm(IMAGE.hex(), address=address).splitlines()
    assert lines[8] == "  20:\tcallq  0xffffffff810630d1" and lines[10] == "  2a:\tjne    0x0000000000000042"


def test_records() -> None:
    (first, _second) = bpf_jit_disasm("55c3", format="records", opcodes=True)
    assert first == {
        "pc": "0x0", "disasm": "push   %rbp", "operation": "push", "operands": ["%rbp"], "opcodes": ["0x55"],
    }  # fmt: skip


def test_functions() -> None:
    functions = [{"name": "f", "offset": 0, "size": 2}, {"address": "0x10", "offset": 2, "size": 1}]
    assert (
        bpf_jit_disasm("55c3c3", functions=functions) == "f:\n   0:\tpush   %rbp\n   1:\tretq\n\n0x10:\n   0:\tretq\n"
    )
    assert [one["function"] for one in bpf_jit_disasm("55c3c3", format="records", functions=functions)] == [
        "f", "f", "0x10",
    ]  # fmt: skip


def test_other_machines() -> None:
    assert bpf_jit_disasm("c0035fd6", "aarch64") == "   0:\tret\n"
    assert bpf_jit_disasm("7c0802a6", "ppc64le", byte_order="big") == "   0:\tmflr r0\n"


@pytest.mark.parametrize(
    ("code", "options", "message"),
    [
        ("55", {"machine": "vax"}, "machine code of 'vax' cannot be disassembled"),
        ("55", {"format": "raw"}, "format is one of text, records"),
        ("55", {"address": "here"}, "an address is a number"),
        ("55", {"functions": [{"name": "f"}]}, "functions are those that bpf_prog_code_info returns"),
        ("55", {"byte_order": "none"}, "byte_order is little or big"),
        (None, {}, "quote them"),
    ],
)
def test_what_is_wrong(code, options, message) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"^bpf_jit_disasm: .*{message}"):
        bpf_jit_disasm(code, **options)


def test_without_capstone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    disassemble._engine.cache_clear()
    with pytest.raises(AnsibleFilterError, match="pip install capstone"):
        bpf_jit_disasm("c3")
