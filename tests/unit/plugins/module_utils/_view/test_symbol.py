# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._view.symbol import Spans, parse, parse_address, show


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("bpf_prog_82e8076d76d2ea5c_a_b", ("prog", "82e8076d76d2ea5c", "a_b")),
        ("bpf_prog_82e8076d76d2ea5c", ("prog", "82e8076d76d2ea5c", None)),
        ("__cfi_bpf_prog_82e8076d76d2ea5c_a", ("cfi", "82e8076d76d2ea5c", "a")),
        ("bpf_prog_82e8076d76d2ea5", ("other", None, None)),
        ("bpf_trampoline_6442536464", ("trampoline", None, None)),
        ("bpf_dispatcher_xdp", ("dispatcher", None, None)),
        ("bpf__tcp_congestion_ops_ssthresh", ("struct_ops", None, None)),
        ("", ("other", None, None)),
    ],
)
def test_names(name, parts):
    assert parse(name) == parts


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("ffffffffc0025cd0", 0xFFFFFFFFC0025CD0),
        ("0xffffffffc0025cd0", 0xFFFFFFFFC0025CD0),
        (" 0XC0 ", 0xC0),
        (0xFFFFFFFFC0025CD0, 0xFFFFFFFFC0025CD0),
        # what a template makes of the number
        ("18446744072635833552", 18446744072635833552),
        ("10", 0x10),
        ("", None),
        ("0x", None),
        ("xyz", None),
        ("-1", None),
        ("\u0663\u0663", None),
        ("f" * 17, None),
        ("9" * 20, None),
        (True, None),
        (-1, None),
        (1 << 64, None),
        (None, None),
        (1.5, None),
        (["c0"], None),
    ],
)
def test_addresses(given, number):
    assert parse_address(given) == number


@given(st.integers(0, (1 << 64) - 1))
def test_what_is_shown_is_read_again(address):
    assert parse_address(show(address)) == address and len(show(address)) == 18


def test_spans_end_where_the_function_ends():
    spans = Spans([(100, 10, "a"), (110, 5, "b"), (None, 4, "hidden"), (200, 0, "empty")])
    found = {address: spans.find(address) for address in (99, 100, 109, 110, 114, 115, 200)}
    assert found == {99: None, 100: ("a", 0), 109: ("a", 9), 110: ("b", 0), 114: ("b", 4), 115: None, 200: None}


def test_what_has_no_size_ends_at_the_next_symbol_or_with_its_page():
    spans = Spans([(4096, None, "a"), (4200, None, "b")])
    assert [spans.find(address) for address in (4199, 4200, 4200 + 4095, 4200 + 4096)] == [
        ("a", 103), ("b", 0), ("b", 4095), None,
    ]  # fmt: skip


def test_the_first_of_several_at_one_place_counts():
    assert Spans([(100, 10, "a"), (100, 20, "b"), (50, 1, "c")]).find(105) == ("a", 5)
    assert Spans([]).find(0) is None
