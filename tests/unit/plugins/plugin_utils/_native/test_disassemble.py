# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble as native

disassemble = native.disassemble

# An image out of a kernel log, and where binutils sees its instructions begin.
IMAGE = bytes.fromhex(
    "554889e54883ec6048895df8448b4f68442b4f6c4c8b87d8000000be0c000000e81d94ffe03d000800007516be17000000"
    "e82894ffe083f8017507b8ffff0000eb0231c0c9c3"
)
STARTS = [
    0x0, 0x1, 0x4, 0x8, 0xC, 0x10, 0x14, 0x1B, 0x20, 0x25, 0x2A, 0x2C, 0x31, 0x36, 0x39, 0x3B, 0x40, 0x42, 0x44, 0x45,
]  # fmt: skip

# machine -> pieces of one instruction each, as the assembler of LLVM makes them, and their text
SAMPLES = {
    "x86_64": [("55", "push   %rbp"), ("48 89 e5", "mov    %rsp,%rbp"), ("c3", "retq")],
    "i686": [("55", "push   %ebp"), ("89 e5", "mov    %esp,%ebp"), ("c3", "ret")],
    "aarch64": [("fd 7b bf a9", "stp x29, x30, [sp, #-0x10]!"), ("c0 03 5f d6", "ret")],
    "armv7l": [("10 40 2d e9", "push {r4, lr}"), ("01 40 a0 e3", "mov r4, #1"), ("1e ff 2f e1", "bx lr")],
    "armv5teb": [("e9 2d 40 10", "push {r4, lr}"), ("e3 a0 40 01", "mov r4, #1"), ("e1 2f ff 1e", "bx lr")],
    "ppc64le": [("a6 02 08 7c", "mflr r0"), ("01 00 60 38", "li r3, 1"), ("20 00 80 4e", "blr")],
    "ppc64": [("7c 08 02 a6", "mflr r0"), ("38 60 00 01", "li r3, 1"), ("4e 80 00 20", "blr")],
    "s390x": [
        ("b9 04 00 23", "lgr %r2, %r3"),
        ("eb 6f f0 30 00 24", "stmg %r6, %r15, 0x30(%r15)"),
        ("07 fe", "br %r14"),
    ],
    "riscv64": [("13 01 01 fe", "addi sp, sp, -0x20"), ("23 3c 11 00", "sd ra, 0x18(sp)"), ("67 80 00 00", "ret")],
}
SAME = {"armv8l": "aarch64", "aarch64_be": "aarch64", "armv6l": "armv7l", "armv7b": "armv7l"}
MACHINES = [*SAMPLES, *SAME, "riscv32", "ppc"]


def test_an_image() -> None:
    found = disassemble(IMAGE, "x86_64")
    assert [record["offset"] for record in found] == STARTS
    assert found[0] == {"offset": 0, "address": 0, "bytes": "55", "text": "push   %rbp"}
    texts = {record["offset"]: record["text"] for record in found}
    assert texts[0x4] == "sub    $0x60,%rsp"
    assert texts[0x20] == "callq  0xffffffffe0ff9442"
    assert (texts[0x2A], texts[0x40]) == ("jne    0x0000000000000042", "jmp    0x0000000000000044")


def test_addresses_count_from_the_first() -> None:
    found = disassemble(IMAGE, "x86_64", 0xFFFFFFFFA0069C8F)
    assert [record["address"] - 0xFFFFFFFFA0069C8F for record in found] == STARTS
    assert found[8]["text"] == "callq  0xffffffff810630d1"


@pytest.mark.parametrize("machine", [*SAMPLES, *SAME])
def test_machines(machine: str) -> None:
    sample = SAMPLES[SAME.get(machine, machine)]
    code = bytes.fromhex("".join(piece for piece, _text in sample))
    assert [(record["bytes"], record["text"]) for record in disassemble(code, machine)] == sample


def test_a_byte_order_that_was_asked_for() -> None:
    code = bytes.fromhex("7c0802a6")
    assert disassemble(code, "ppc64le", big_endian=True)[0]["text"] == "mflr r0"
    assert disassemble(code, "ppc64", big_endian=False)[0]["text"] != "mflr r0"


@pytest.mark.parametrize("machine", MACHINES)
@given(code=st.binary(max_size=64), address=st.integers(0, (1 << 64) - 1))
def test_no_byte_is_lost(machine: str, code: bytes, address: int) -> None:
    found = disassemble(code, machine, address)
    assert bytes.fromhex("".join(record["bytes"] for record in found)) == code
    offset = 0
    for record in found:
        assert record["offset"] == offset and record["address"] == (address + offset) % (1 << 64)
        assert record["text"]
        offset += len(bytes.fromhex(record["bytes"]))


def test_what_is_no_instruction() -> None:
    assert disassemble(bytes.fromhex("06c3"), "x86_64")[0]["text"] == ".byte 0x06"
    assert disassemble(b"\1\2\3", "aarch64") == [
        {"offset": 0, "address": 0, "bytes": "01 02 03", "text": ".byte 0x01, 0x02, 0x03"}
    ]
    assert disassemble(b"", "s390x") == []


def test_bytes_that_nothing_is_told_of() -> None:
    found = native.as_bytes(bytes(range(18)), "vax")
    assert [(one["offset"], one["text"][:11], len(one["bytes"].split())) for one in found] == [
        (0, ".byte 0x00,", 16),
        (16, ".byte 0x10,", 2),
    ]
    assert native.as_bytes(b"", "vax") == []


def test_an_unknown_machine() -> None:
    with pytest.raises(FleetError, match="machine code of 'vax' cannot be disassembled: known are x86_64"):
        disassemble(b"", "vax")


def test_a_capstone_that_does_not_know_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(native.capstone, "CS_ARCH_RISCV")
    native._engine.cache_clear()
    with pytest.raises(FleetError, match=r"'riscv64' cannot be disassembled: capstone [0-9.]+ on the controller"):
        disassemble(b"", "riscv64")


def test_a_capstone_without_the_machine_compiled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(Exception):
        pass

    def refuse(_architecture, _mode):
        raise Refused

    names = dict.fromkeys(("CS_ARCH_X86", "CS_MODE_64", "CS_MODE_BIG_ENDIAN", "CS_MODE_LITTLE_ENDIAN"), 0)
    monkeypatch.setattr(native, "capstone", SimpleNamespace(Cs=refuse, CsError=Refused, __version__="9.9", **names))
    native._engine.cache_clear()
    with pytest.raises(FleetError, match=r"'x86_64' cannot be disassembled: capstone 9\.9"):
        disassemble(b"", "x86_64")


def test_without_the_package_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "HAS_CAPSTONE", False)
    native._engine.cache_clear()
    with pytest.raises(FleetError, match=r"capstone is missing on the controller; .*pip install capstone"):
        disassemble(b"\xc3", "x86_64")


def test_the_file_can_be_imported_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "capstone", None)
    # under another name: the one that others have imported stays as it is
    spec = importlib.util.spec_from_file_location(native.__name__ + "_alone", native.__file__)
    assert spec is not None and spec.loader is not None
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    assert alone.HAS_CAPSTONE is False and native.HAS_CAPSTONE is True
    with pytest.raises(FleetError, match="capstone is missing"):
        alone.disassemble(b"", "x86_64")
