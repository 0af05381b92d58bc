# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot import redact

ADDRESSES = st.one_of(
    st.integers(0xFFFF000000000000, (1 << 64) - 4097),
    st.integers(0xC000000000000000, 0xC0FFFFFFFFFFFFFF),
)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("(18) r1 = 0xffff888103a4b010", "(18) r1 = KADDR"),
        ("ffffffff81000000 T _text", "KADDR T _text"),
        ("c000000001234567", "KADDR"),
        ("pc+2#0xffffffffc0025b90\n", "pc+2#KADDR\n"),
        # error numbers, hashes, short numbers, names
        ("0xffffffffffffffff", "0xffffffffffffffff"),
        ("r1 = 0xfffffffffffffff2", "r1 = 0xfffffffffffffff2"),
        ("e3b0c44298fc1c149afbf4c8996fb924", "e3b0c44298fc1c149afbf4c8996fb924"),
        ("0xffffffff", "0xffffffff"),
        ("bpf_prog_ff12345678901234_f", "bpf_prog_ff12345678901234_f"),
    ],
)
def test_text(text, masked):
    assert redact.plain(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("(85) call __htab_map_lookup_elem#330864\n", "(85) call __htab_map_lookup_elem#KADDR\n"),
        ("(85) call bpf_trace_printk#-61360", "(85) call bpf_trace_printk#KADDR"),
        ("(85) call bpf_map_lookup_elem#1", "(85) call bpf_map_lookup_elem#1"),
        ("(85) call bpf_unspec#0", "(85) call bpf_unspec#0"),
        ("(85) call 0xffffffff81234560#-61360", "(85) call KADDR#KADDR"),
        ("(85) call pc+65#bpf_prog_ac5c329c499ccf79_weigh", "(85) call pc+65#bpf_prog_ac5c329c499ccf79_weigh"),
        ("(b7) r11 = -1593835520\n(a7) r11 ^= 77", "(b7) r11 = KADDR\n(a7) r11 ^= KADDR"),
        ("(b4) w11 = 5", "(b4) w11 = KADDR"),
        ("(b7) r1 = 5", "(b7) r1 = 5"),
        ("(4f) r1 |= r11", "(4f) r1 |= r11"),
    ],
)
def test_instructions(text, masked):
    assert redact.xlated(text) == masked


@pytest.mark.parametrize(
    ("machine", "line", "masked"),
    [
        ("x86_64", "  1a:\tmovabsq $0xffff888103a4b010, %rsi", "  1a:\tmovabsq $KADDR, %rsi"),
        ("x86_64", "   8:\tpushq %rbp", "   8:\tpushq %rbp"),
        ("x86_64", "  43:\tcmpq $0x21, (%rax)", "  43:\tcmpq $0x21, (%rax)"),
        ("x86_64", "  43:\tmovl -0x10(%rbp), %r10d", "  43:\tmovl -0x10(%rbp), %r10d"),
        ("x86_64", "  43:\tmovl $0x7eadbeef, %r10d", "  43:\tmovl $KADDR, %r10d"),
        ("x86_64", "  43:\tmovq $-0x7eadbeef, %r10", "  43:\tmovq $KADDR, %r10"),
        (
            "x86_64",
            "  5c:\tjmp 0xffffffff8110410b <srso_alias_return_thunk>",
            "  5c:\tjmp KADDR <srso_alias_return_thunk>",
        ),
        ("x86_64", "  5c:\tcallq 0x1234abcd", "  5c:\tcallq KADDR"),
        ("x86_64", "  10:\tja 0x18", "  10:\tja 0x18"),
        ("x86_64", "  1a:\tmovabs $0xffff888103a4b010,%rsi", "  1a:\tmovabs $KADDR,%rsi"),
        ("x86_64", "  1a:\tmov    %gs:0xffffffff82a4b010,%rsi", "  1a:\tmov    %gs:KADDR,%rsi"),
        ("x86_64", "  43:\tcmpq   $0x21,-0x8(%rax)", "  43:\tcmpq   $0x21,-0x8(%rax)"),
        ("x86_64", "  43:\tcmp    $0xffffffffffffffff,%rax", "  43:\tcmp    $0xffffffffffffffff,%rax"),
        ("x86_64", "  43:\tmov    $0xffffffff81000000,%r10", "  43:\tmov    $KADDR,%r10"),
        ("x86_64", "  10:\tjne    0x0000000000000018", "  10:\tjne    0x0000000000000018"),
        ("x86_64", "  10:\tcallq  0xffffffff8110410b <f>", "  10:\tcallq  KADDR <f>"),
        ("aarch64", "  10:\tmovk x10, #0x8103, lsl #16", "  10:\tmovk x10, #KADDR, lsl #KADDR"),
        ("aarch64", "  10:\tmov x10, #0x21", "  10:\tmov x10, #KADDR"),
        ("aarch64", "  10:\tldr x1, [x0, #0x10]", "  10:\tldr x1, [x0, #0x10]"),
        ("ppc64le", "  10:\tlis 12, 0x42", "  10:\tlis KADDR, KADDR"),
    ],
)
def test_machine_code(machine, line, masked):
    assert redact.jited(line, machine) == masked


def test_machine_code_between_instructions():
    text = "\nint f(void):\nbpf_prog_ff12345678901234_f:\n; x = 0xffffffff81000000;\n   0:\tretq\n"
    assert redact.jited(text, "x86_64") == text.replace("0xffffffff81000000", "KADDR")


def test_jumps_within_a_long_program_stay():
    text = "   0:\tjmp 0x5000\n5000:\tretq\n"
    assert redact.jited(text, "x86_64") == text
    assert redact.jited(text.replace("jmp", "movl"), "x86_64") != text


def test_records():
    found = {
        "addr": 0xFFFFFFFF81000000,
        "signed": -(1 << 40),
        "small": [-1, 0, 7, True, None, 1.5, 1 << 40],
        "tag": "ff12345678901234",
        "prog_tags": ["ff12345678901234"],
        "text": "at 0xffffffff81000000",
        "key": "10 b0 a4 03 81 88 ff ff 01",
    }
    assert redact.value(found) == dict(
        found, addr="KADDR", signed="KADDR", text="at KADDR", key="** ** ** ** ** ** ** ** 01"
    )
    assert redact.value("01 02 03") == "01 02 03"


@given(ADDRESSES, st.binary(max_size=9), st.binary(max_size=9), st.sampled_from(["little", "big"]))
def test_no_address_in_bytes_stays(address, before, after, order):
    data = before + address.to_bytes(8, order) + after
    masked = redact.value(data.hex(" ")).split(" ")
    assert masked[len(before) : len(before) + 8] == ["**"] * 8
    assert len(masked) == len(data)


@given(ADDRESSES, st.sampled_from(["{:x}", "0x{:x}", "0x{:X}", "[{:#x}]", "a={:#x};"]))
def test_no_address_stays(address, form):
    text = form.format(address)
    for mask in (redact.plain, redact.xlated, lambda whole: redact.jited(whole, "x86_64")):
        assert format(address, "x") not in mask(text).lower()
    shown = json.dumps(redact.value({"a": [address, address - (1 << 64), text]}))
    assert format(address, "x") not in shown.lower() and str(address) not in shown
