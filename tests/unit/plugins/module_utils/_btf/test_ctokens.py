# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.ctokens import Tokens
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError


def words(text):
    tokens, found = Tokens(text), []
    while tokens.word:
        found.append(tokens.next())
    return found


def test_comments_and_lines_of_the_preprocessor_are_left_out():
    text = "#define A(x) \\\n  x\n  #pragma y\nint /* a\nb */ x // c\n= 0x1fUL;"
    assert words(text) == ["int", "x", "=", "0x1f", ";"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("0x10", 16),
        ("010", 8),
        ("0", 0),
        ("-1", -1),
        ("~0", -1),
        ("+3", 3),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("1 << 4 | 1", 17),
        ("0xff & ~0xf", 0xF0),
        ("7 / 2 - 9 % 4", 2),
        ("6 ^ 3", 5),
        ("1 << 4 >> 2", 4),
        ("LEN * 2", 32),
    ],
)
def test_constant_expressions(text, number):
    assert Tokens(text).constant({"LEN": 16}) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1, column 1 of the type: a number is expected, not ''"),
        ("x", "a number is expected, not 'x'"),
        ("1 / 0", "/ 0 has no result"),
        ("1 << 64", "<< 64 has no result"),
        ("(1", "'\\)' is missing"),
        ("(1;", "'\\)' is expected, not ';'"),
        ("9" * 100, "too large"),
        ("(" * 1000, "nested too deep"),
        ("-" * 1000, "nested too deep"),
    ],
)
def test_what_is_no_constant(text, reason):
    with pytest.raises(BtfError, match=reason):
        Tokens(text).constant({})


def test_the_place_of_an_error():
    with pytest.raises(BtfError, match=r"^line 3, column 5 of the type: '@' is nothing that C declarations have$"):
        Tokens("a\nb\n    @")


def test_brackets_are_skipped():
    tokens = Tokens("(a (b) c) d")
    tokens.expect("(")
    tokens.skip()
    assert (tokens.word, tokens.ahead()) == ("d", "")
    tokens = Tokens("((")
    with pytest.raises(BtfError, match="a bracket is not closed"):
        tokens.skip()
