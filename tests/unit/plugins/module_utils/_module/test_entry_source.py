# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Vanished
from ansible_collections.ebpf.fleet.plugins.module_utils._module import entry_source

NOTHING = dict.fromkeys(("entries", "src", *entry_source.PARTS))


def read(**params):
    chunks = entry_source.read(dict(NOTHING, **params))
    return [(name(number), record) for records, name in chunks for number, record in enumerate(records)]


def test_options():
    assert read(entries=[{"key": 1}, {"key": 2}]) == [("entries[0].", {"key": 1}), ("entries[1].", {"key": 2})]
    assert read(key=1, value=0) == [("", {"key": 1, "value": 0})]
    assert read() == read(entries=[]) == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file(tmp_path, pack):
    path = tmp_path / "entries"
    path.write_bytes(pack(b"".join(b'{"key":%d,"value":2}\n' % number for number in range(5000))))
    found = read(src=str(path))
    assert found[0] == ("line 1: ", {"key": 0, "value": 2})
    assert found[-1] == ("line 5000: ", {"key": 4999, "value": 2})
    assert len(found) == 5000


@pytest.mark.parametrize(
    "lines", ['{"key": 1}\r\n{"key": 2}\r\n', '{"key": 1}\n{"key": 2}', ' {"key": 1}\n{"key":2} \n']
)
def test_lines_as_others_write_them(tmp_path, lines):
    path = tmp_path / "entries"
    path.write_bytes(lines.encode())
    assert [record for _name, record in read(src=str(path))] == [{"key": 1}, {"key": 2}]


@pytest.mark.parametrize("line", ["{", "", '{"key": 1},{"key": 2}', "[1]]", '{"key": "\udcff"}'])
def test_a_line_that_is_no_entry(tmp_path, line):
    path = tmp_path / "entries"
    path.write_bytes(b'{"key": 1}\n' + line.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(WrongValue) as caught:
        read(src=str(path))
    assert str(caught.value).startswith("line 2: is not one entry as JSON")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(Vanished, match=f"read {tmp_path}/none"):
        read(src=str(tmp_path / "none"))
    (tmp_path / "cut").write_bytes(gzip.compress(json.dumps({"key": 1}).encode())[:-10])
    with pytest.raises(WrongValue, match="ends in the middle"):
        read(src=str(tmp_path / "cut"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_lines_that_were_taken_are_not_yielded(tmp_path, pack):
    path, line, seen = tmp_path / "lines", b'{"key":1}\n', []
    first = -(-entry_source._BLOCK // len(line))
    path.write_bytes(pack(line * (first + 1)))
    found = list(entry_source.read(dict(NOTHING, src=str(path)), lambda lines: seen.append(lines) or lines != line))
    assert seen == [line * first, line]
    ((records, name),) = found
    assert (records, name(0)) == ([{"key": 1}], f"line {first + 1}: ")
