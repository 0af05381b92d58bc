# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._symbolize import Symbolizer

MAIN = "bpf_prog_8227addf251b7543_main"
TWIN = "bpf_prog_1111addf251b7543_f"
SYMBOLS = [
    {"address": "0xffffffffc004b000", "name": MAIN, "size": 0x600, "prog_ids": [406]},
    {"address": "0xffffffffc004e000", "name": TWIN, "size": 0x100, "prog_ids": [1, 2]},
    {"address": "0xffffffffc0050000", "name": "bpf_trampoline_6442536464", "size": None, "prog_ids": []},
    {"address": "0xffffffffc0060000", "name": "young.0", "size": 16, "prog_ids": []},
    {"address": None, "name": "bpf_prog_2222addf251b7543_hidden", "size": None, "prog_ids": [9]},
]
KNOWN = Symbolizer(SYMBOLS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the guide's trace, and a kernel whose perf cuts addresses off
        (
            "skb:kfree_skb: skbaddr=0xffff9d4161f20a00 location=0xffffffffc004b52c",
            f"skb:kfree_skb: skbaddr=0xffff9d4161f20a00 location=0xffffffffc004b52c {MAIN}+0x52c [prog id 406]",
        ),
        (
            "   7fffc004b52c bpf_prog_8227addf251b7543 (/lib/modules/4.10.0+/build/vmlinux)",
            "   7fffc004b52c bpf_prog_8227addf251b7543+0x52c [prog id 406] (/lib/modules/4.10.0+/build/vmlinux)",
        ),
        ("   7fffb8745961 bpf_clone_redirect (vmlinux)", "   7fffb8745961 bpf_clone_redirect (vmlinux)"),
        # nothing vouches for an address of user space
        ("   7fffc004b52c main (a.out)", "   7fffc004b52c main (a.out)"),
        (f"\tffffffffc004b52c {MAIN} ([k])", f"\tffffffffc004b52c {MAIN}+0x52c [prog id 406] ([k])"),
        (f"\tffffffffc004b52c {MAIN}+0x52c ([k])", f"\tffffffffc004b52c {MAIN}+0x52c [prog id 406] ([k])"),
        ("\tffffffffc004b52c [unknown] ([k])", f"\tffffffffc004b52c {MAIN}+0x52c [prog id 406] [unknown] ([k])"),
        # stack traces of the kernel, old and new
        (f"[<ffffffffc004b52c>] ? {MAIN}+0x52c/0x600", f"[<ffffffffc004b52c>] ? {MAIN}+0x52c/0x600 [prog id 406]"),
        (f"RIP: 0010:{MAIN}+0x2c/0x600\r\n", f"RIP: 0010:{MAIN}+0x2c/0x600 [prog id 406]\r\n"),
        ("RIP: 0010:0xffffffffc004e0ff", f"RIP: 0010:0xffffffffc004e0ff {TWIN}+0xff [prog id 1 or 2]"),
        # behind the end of the function
        ("RIP: 0010:0xffffffffc004e100", "RIP: 0010:0xffffffffc004e100"),
        ("FFFFFFFFC004E000", f"FFFFFFFFC004E000 {TWIN}+0x0 [prog id 1 or 2]"),
        ("ffffffffc0050fff", "ffffffffc0050fff bpf_trampoline_6442536464+0xfff"),
        ("ffffffffc0051000", "ffffffffc0051000"),
        ("ffffffffc0060004", "ffffffffc0060004 young.0+0x4"),
        # an address and a name that do not belong together
        (f"ffffffffc004b52c {TWIN}", f"ffffffffc004b52c {TWIN} [prog id 1 or 2]"),
        ("bpf_prog_2222addf251b7543_hidden", "bpf_prog_2222addf251b7543_hidden [prog id 9]"),
        ("bpf_prog_2222addf251b7543", "bpf_prog_2222addf251b7543 [prog id 9]"),
        ("bpf_prog_2222addf251b7543_other", "bpf_prog_2222addf251b7543_other"),
        # parts of words are no addresses
        (
            "xffffffffc004b52c ffffffffc004b52cg 0ffffffffc004b52c",
            "xffffffffc004b52c ffffffffc004b52cg 0ffffffffc004b52c",
        ),
        ("", ""),
    ],
)
def test_notes(before, after):
    assert KNOWN.text(before) == after
    assert KNOWN.text(after) == after


def test_the_whole_result_of_the_module_is_taken():
    assert Symbolizer({"symbols": SYMBOLS, "hints": []}).text(TWIN) == TWIN + " [prog id 1 or 2]"


@pytest.mark.parametrize("symbols", [None, "text", 7, {}, {"symbols": {}}])
def test_what_is_no_list_of_symbols(symbols):
    with pytest.raises(FleetError, match="symbols are the list"):
        Symbolizer(symbols)


@pytest.mark.parametrize(
    "record",
    [
        None,
        "bpf_prog_8227addf251b7543_main",
        {},
        {"name": 7, "address": "0xffffffffc004b000"},
        {"name": "\x1b[31mred", "address": "0xffffffffc004b000", "size": 99, "prog_ids": [1]},
        {"name": "a\nb", "address": "0xffffffffc004b000", "size": 99, "prog_ids": [1]},
        {"name": MAIN, "address": "nowhere", "size": "x", "prog_ids": ["x", True, -1]},
        {"name": MAIN, "address": {"a": 1}, "size": True, "prog_ids": {"a": 1}},
    ],
)
def test_symbols_that_make_no_sense_say_nothing(record):
    text = f"ffffffffc004b000 {MAIN}\n"
    assert Symbolizer([record]).text(text) == text


PIECES = st.sampled_from(
    [
        "ffffffffc004b52c",
        "0xffffffffc004e000",
        "7fffc004b52c",
        MAIN,
        TWIN,
        "bpf_prog_",
        "+0x1",
        "/0x600",
        " ",
        "  ",
        ">] ",
        "? ",
        "\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join))
def test_only_notes_are_put_in_and_only_once(text):
    noted = KNOWN.text(text)
    assert KNOWN.text(noted) == noted
    # everything that was there is there, in its order
    rest = iter(noted)
    assert all(character in rest for character in text)


@given(st.text())
def test_texts_without_addresses_stay_as_they_are(text):
    assert KNOWN.text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 400000, " " * 400000, "ffffffff" + " " * 400000, "bpf_prog_" * 40000, "bpf_prog_" + "a." * 200000,
        "+0x1" * 100000, "0x" * 200000, ("ffffffffc004b52c" + " " * 4000) * 100, "ffffffffc004b52c " * 25000,
    ],
)  # fmt: skip
def test_time_grows_with_the_text_and_not_faster(text):
    times = []
    for size in (len(text) // 4, len(text)):
        start = time.process_time()
        KNOWN.text(text[:size])
        times.append(time.process_time() - start)
    # four times the text; sixteen times as long would be quadratic
    assert times[1] < 10 * times[0] + 0.1
