# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._view import source_line
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


@pytest.fixture
def types():
    """BTF with f(), which is type 3, and some lines: (spec, offsets by what they are)."""
    made = Builder()
    made.integer("int")
    proto = made.add(kinds.FUNC_PROTO, size=1)
    assert made.function("f", proto) == 3
    places = {"file": made.string("/src/f.c"), "text": made.string("\t return g();")}
    return made.spec(), places


def test_functions(types):
    spec, _places = types
    assert (source_line.proto(spec, 3), source_line.function_name(spec, 3)) == ("int f()", "f")
    assert (source_line.proto(spec, 1), source_line.function_name(spec, 1)) == ("", "")
    assert (source_line.proto(spec, 99), source_line.function_name(spec, 99)) == ("", "")


def test_lines(types):
    spec, places = types
    whole = source_line.line(spec, places["file"], places["text"], 3 << 10 | 9)
    assert whole == {"src": "return g();", "file": "/src/f.c", "line_num": 3, "line_col": 9}
    assert source_line.line(spec, places["file"], places["text"], 3 << 10, linum=False) == {"src": "return g();"}
    assert source_line.line(spec, 99999, places["text"], 0) == {}


def test_what_is_shown():
    line = {"src": "return 0;"}
    place = dict(line, file="/f.c", line_num=3, line_col=9)
    assert source_line.shown({}) == ""
    assert source_line.shown(dict(line, proto="int f()")) == "int f():\n; return 0;\n"
    assert source_line.shown(place) == "; return 0; [file:/f.c line_num:3 line_col:9]\n"
