# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter.bpf_disasm import FilterModule
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn

bpf_disasm = FilterModule().filters()["bpf_disasm"]
CODE = MOVE + EXIT
TEXT = "   0: (b7) r0 = 2\n   1: (95) exit\n"


def test_all_forms_of_bytes() -> None:
    forms = [CODE, CODE.hex(), CODE.hex(" "), list(CODE)]
    assert {bpf_disasm(form) for form in forms} == {TEXT}
    assert bpf_disasm(base64.b64encode(CODE).decode(), encoding="base64") == TEXT


def test_records() -> None:
    first, second = bpf_disasm(CODE.hex(), "records", True)
    assert (first["disasm"], first["opcodes"]["code"], second["insn"]) == ("(b7) r0 = 2", "0xb7", 1)


def test_opcodes() -> None:
    assert bpf_disasm(CODE.hex(), opcodes="yes").splitlines()[1] == "       b7 00 00 00 02 00 00 00"


def test_other_byte_order() -> None:
    big = insn(0xB7, 0, imm=2, order="big") + insn(0x95, order="big")
    assert bpf_disasm(big.hex(), byte_order="big") == TEXT


@pytest.mark.parametrize(
    ("call", "text"),
    [((0, 1), "bpf_map_lookup_elem#1"), ((0, 0), "bpf_unspec#0"), ((0, 82912), "0x143e0#82912"), ((1, 0), "pc+2")],
)
def test_calls(call, text) -> None:
    source, imm = call
    assert bpf_disasm(insn(0x85, src=source, off=2, imm=imm).hex()) == f"   0: (85) call {text}\n"


@pytest.mark.parametrize(
    ("code", "options", "message"),
    [
        ("b7", {}, "1 bytes are no program: an instruction has 8"),
        ("zz", {}, "the value"),
        (12, {}, "quote them"),
        (CODE.hex(), {"format": "dot"}, "format is one of text, records, not 'dot'"),
        (CODE.hex(), {"byte_order": "middle"}, "byte_order is little or big"),
        (CODE.hex(), {"opcodes": "perhaps"}, "perhaps"),
    ],
)
def test_what_is_wrong(code, options, message) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"^bpf_disasm: .*{message}"):
        bpf_disasm(code, **options)
