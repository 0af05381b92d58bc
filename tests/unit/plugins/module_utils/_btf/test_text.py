# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.text import text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ""),
        (b"\0rest", ""),
        (b"eth0\0\xff\xff", "eth0"),
        (b"not ended", "not ended"),
        (b"caf\xc3\xa9", "caf\u00e9"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"\xc3", r"\xc3"),
        (b"a\nb\x1b[0m", r"a\x0ab\x1b[0m"),
        (b"\xe2\x80\x8b", r"\xe2\x80\x8b"),
        (rb"C:\dir", r"C:\dir"),
        (rb"\xff", r"\x5cxff"),
        (memoryview(b"view\0"), "view"),
    ],
)
def test_text(data, expected):
    assert text(data) == expected


def back(line):
    """The way from the text to the bytes, as a writer has to go it."""
    first, *rest = line.split("\\x")
    return first.encode() + b"".join(bytes((int(part[:2], 16),)) + part[2:].encode() for part in rest)


def test_no_two_contents_have_one_text():
    pairs = [bytes((one, two)) for one in range(1, 256) for two in range(1, 256)]
    samples = pairs + [b"\\x" + pair for pair in pairs] + [b"\\" + pair for pair in pairs]
    assert [back(text(sample)) for sample in samples] == samples
