# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import random
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import elf
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError


def image(mark="<", wide=True, contents=((".BTF", b"types"),), many=False):
    """Build a file of sections; the names of sections are in the last."""
    contents = [("", b""), *contents]
    names = b"\0" + b"".join(name.encode() + b"\0" for name, _content in contents[1:]) + b".shstrtab\0"
    contents.append((".shstrtab", names))
    data, rows = b"", []
    for name, content in contents:
        rows.append((names.index(name.encode() + b"\0"), 1, 0, 0, 64 + len(data), len(content)))
        data += content
    form, step = ("IIQQQQI", 64) if wide else ("7I", 40)
    count, last = (0, 0xFFFF) if many else (len(rows), len(rows) - 1)
    if many:
        rows[0] = (0, 0, 0, 0, 0, len(rows))
    links = [len(rows) - 1] + [0] * len(rows)
    table = b"".join(struct.pack(mark + form, *row, link).ljust(step, b"\0") for row, link in zip(rows, links))
    head = bytearray(64)
    head[:6] = elf.MAGIC + bytes((2 if wide else 1, 1 if mark == "<" else 2))
    struct.pack_into(mark + ("Q" if wide else "I"), head, 40 if wide else 32, 64 + len(data))
    struct.pack_into(mark + "3H", head, 58 if wide else 46, step, count, last)
    return bytes(head) + data + table


@pytest.mark.parametrize("mark", ["<", ">"])
@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("many", [True, False])
def test_sections(mark, wide, many):
    found = elf.sections(image(mark, wide, ((".text", b"code"), (".BTF", b"types")), many))
    assert found[".BTF"] == b"types" and found[".text"] == b"code"


def test_a_file_without_sections():
    head = bytearray(image())
    head[40:48] = bytes(8)
    assert elf.sections(bytes(head)) == {}


@pytest.mark.parametrize("length", [0, 4, 5, 6, 20, 64, 100, 200])
def test_a_file_that_is_cut_off(length):
    with pytest.raises(BtfError, match="cut off or damaged"):
        elf.sections(image()[:length])


def test_damage_is_always_our_error():
    chance = random.Random(5)
    for _turn in range(3000):
        data = bytearray(image())
        for _change in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            elf.sections(bytes(data))
        except BtfError:
            pass
