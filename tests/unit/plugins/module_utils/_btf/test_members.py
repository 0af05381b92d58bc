# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.members import text
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.outline import outline


def test_c_text_stays_as_it_is():
    assert text("struct flow *") == "struct flow *"


def test_members_stand_in_their_order():
    told = {
        "limit": "__u32",
        "mac": "__u8[6]",
        "grid": "__u16 [2][3]",
        "at": "void *",
        "on": "__u32:1",
        "off": "int : 3",
    }
    assert text(told) == ("struct { __u32 limit; __u8 mac[6]; __u16 grid [2][3]; void * at; __u32 on:1; int off : 3; }")


def test_a_struct_in_a_struct_is_laid_out_like_that_of_c():
    told = text({"a": "__u8", "in": {"b": "__u32", "c": "char[3]"}, "d": "__u64"})
    same = "struct { __u8 a; struct { __u32 b; char c[3]; } in; __u64 d; }"
    assert outline(*ctext.spec(told)) == outline(*ctext.spec(same))


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (7, ""),
        ({}, ""),
        ([{"a": "int"}], ""),
        ({"a": 4}, "a"),
        ({"a": {"b": {}}}, "a.b"),
        ({"a b": "int"}, "a b"),
        ({7: "int"}, "7"),
        ({"a": "int x; int"}, "a"),
    ],
)
def test_what_is_no_type_is_named(told, field):
    with pytest.raises(WrongValue) as caught:
        text(told)
    assert caught.value.field == field
