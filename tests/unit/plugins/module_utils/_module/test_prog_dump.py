# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_code, prog_dump


@pytest.mark.parametrize(
    ("shape", "code", "expected"),
    [
        ("raw", "b700", b"\xb7\x00"),
        ("text", "caf\xe9\n", b"caf\xc3\xa9\n"),
        ("text", "\udcff", b"\\udcff"),
        ("dot", "digraph {}", b"digraph {}"),
        ("records", [{"insn": 0, "src": "\xe9"}, {"insn": 1}], b'{"insn": 0, "src": "\\u00e9"}\n{"insn": 1}\n'),
    ],
)
def test_content(shape, code, expected):
    assert prog_dump.content({shape: code}, shape) == expected


def test_options_are_those_of_the_listing():
    assert {key: prog_dump.SPEC[key] for key in ("what", "opcodes", "linum")} == {
        key: prog_code.OPTIONS[key] for key in ("what", "opcodes", "linum")
    }
    assert prog_dump.SPEC["format"]["choices"] == prog_code.OPTIONS["format"]["choices"] + ["svg", "png"]
