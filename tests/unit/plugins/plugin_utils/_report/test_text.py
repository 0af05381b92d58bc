# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, strategies

from ansible_collections.ebpf.fleet.plugins.plugin_utils._report.text import cell, many, moment, visible


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("plain ünïcode 猫", "plain ünïcode 猫"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028\u200b\ufeff", "\\u2028\\u200b\\ufeff"),
        ("\x9b2J", "\\x9b2J"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(given_text: str, wanted: str) -> None:
    assert visible(given_text) == wanted


@given(strategies.text())
def test_nothing_of_category_c_comes_through(text: str) -> None:
    assert not any(unicodedata.category(char)[0] == "C" for char in visible(text))


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("uid", None, ""),
        ("uid", 0, "0"),
        ("jited", True, "yes"),
        ("jited", False, "no"),
        ("loaded_at", 1795359600, "2026-11-22 15:00:00 UTC"),
        ("loaded_at", None, ""),
        ("pids", [{"pid": 1, "comm": "a\x1b"}, {"pid": 2, "comm": "b"}], "a\\x1b (1), b (2)"),
        ("holders", ["pids", "links"], "pids, links"),
        ("holders", [], ""),
        ("dev", {"ifindex": 2, "ifname": None}, "ifindex=2, ifname="),
    ],
)
def test_cells(key: str, value: object, wanted: str) -> None:
    assert cell(key, value) == wanted


def test_moments_that_are_none() -> None:
    assert moment(None) == "" and moment("x") == "" and moment(True) == ""
    assert moment(1 << 80) == str(1 << 80)


def test_one_and_many() -> None:
    assert [many(number, "host") for number in (0, 1, 2)] == ["0 hosts", "1 host", "2 hosts"]
