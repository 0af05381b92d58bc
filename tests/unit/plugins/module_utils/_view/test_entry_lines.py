# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import random

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._view.entry_lines import columns


def line(key, value):
    return json.dumps({"key": key, "value": value}, separators=(",", ":")).encode() + b"\n"


def octets(chance, size):
    return bytes(chance.randrange(256) for _octet in range(size)).hex(" ")


def test_what_a_dump_writes_is_what_json_says():
    chance = random.Random(1)
    for key_size, value_size in ((1, 1), (4, 8), (20, 112)):
        data = [(octets(chance, key_size), octets(chance, value_size)) for _row in range(50)]
        lines = [line(*one) for one in data]
        keys, values = columns(lines, 3 * key_size - 1, 3 * value_size - 1)
        told = [json.loads(one) for one in lines]
        assert [{"key": key, "value": value} for key, value in zip(keys, values)] == told


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
        b"\n" + PLAIN[:-1],
        PLAIN[:-1] + b" ",
        b'{"key":"01 02","value_raw":"0a"}\n',
    ],
)
def test_any_other_line_is_left_to_json(other):
    assert columns([PLAIN, PLAIN], 5, 2) == (["01 02"] * 2, ["0a"] * 2)
    assert columns([PLAIN, other], 5, 2) is None
    assert columns([other, PLAIN], 5, 2) is None
