# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import random

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_lines import _FEW, packed


def octets(chance, size):
    return bytes(chance.randrange(256) for _octet in range(size))


def line(key, value):
    return json.dumps({"key": key, "value": value}, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize(("key_size", "value_size"), [(1, 1), (4, 8), (20, 112)])
@pytest.mark.parametrize("written", [str, str.upper])
def test_what_a_dump_writes(key_size, value_size, written):
    chance = random.Random(1)
    data = [(octets(chance, key_size), octets(chance, value_size)) for _row in range(_FEW + 3)]
    lines = b"".join([line(written(key.hex(" ")), written(value.hex(" "))) for key, value in data])
    keys, values = packed(lines, key_size, value_size)
    assert list(zip(keys, values)) == data


PLAIN = line("01 02", "0a")


@pytest.mark.parametrize(
    "other",
    [
        b'{"key": "01 02","value":"0a"}\n',
        b'{"value":"0a","key":"01 02"}\n',
        b'{"key":"01 02","value":10}  \n',
        line("01 02", "0a").rstrip(b"\n"),
        line("01", "0a 0b"),
        line("01 02 03", "0"),
        line("01    ", "0a"),
        line("01 0x", "0a"),
        line("01\t02", "0a"),
        PLAIN.replace(b"02", b"\xc3\xa9"),
        b"\n" + PLAIN[:-1],
        PLAIN[:-1] + b" ",
        b'{"key":"01 02","value_raw":"0a"}\n',
    ],
)
def test_any_other_line_is_left_to_json(other):
    many = PLAIN * _FEW
    assert packed(many, 2, 1) == ((b"\1\2",) * _FEW, (b"\n",) * _FEW)
    assert packed(many + other, 2, 1) is None
    assert packed(other + many, 2, 1) is None


def test_few_lines_are_left_to_json():
    assert packed(PLAIN * (_FEW - 1), 2, 1) is None
    assert packed(b"", 2, 1) is None
