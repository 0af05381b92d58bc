# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies

from ansible_collections.ebpf.fleet.plugins.plugin_utils._run.filename import quoted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("web1.example.com", "web1.example.com"),
        ("10.0.0.1", "10.0.0.1"),
        ("fe80::1%eth0", "fe80%3A%3A1%25eth0"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ("a~b", "a%7Eb"),
        ("a\nb\0c", "a%0Ab%00c"),
        ("ü", "%C3%BC"),
    ],
)
def test_a_name_becomes_a_file_name(name: str, wanted: str) -> None:
    assert quoted(name) == wanted


def test_long_names_are_cut_and_stay_different() -> None:
    one, other = quoted("ü" * 300), quoted("ü" * 301)
    assert len(one) < 230 and one != other and "~" in one
    assert not one.partition("~")[0].endswith(("%", "%C"))
    assert quoted("a" * 300).startswith("a" * 200 + "~")


@hypothesis.given(strategies.text(min_size=1), strategies.text(min_size=1))
def test_no_two_names_share_a_file_and_none_leaves_the_folder(one: str, other: str) -> None:
    for name in (one, other):
        try:
            name.encode()
        except UnicodeEncodeError:
            return
    assert (quoted(one) == quoted(other)) == (one == other)
    assert "/" not in quoted(one) and "\0" not in quoted(one) and not quoted(one).startswith(".")
