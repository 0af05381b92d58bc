# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext, kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.outline import outline, size
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.writer import Writer


def line(text, order="little"):
    return outline(*ctext.spec(text, order))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int", "s32"),
        ("__u8", "u8"),
        ("unsigned __int128", "u128"),
        ("bool", "bool"),
        ("char", "s8"),
        ("double", "f64"),
        ("void *", "pointer"),
        ("const volatile int", "s32"),
        ("char name[16]", "char[16]"),
        ("char names[2][16]", "char[2][16]"),
        ("__u8 mac[6]", "u8[6]"),
        ("int a[2][3]", "s32[2][3]"),
        ("enum color { RED, GREEN = 5 }", "enum32 {RED=0, GREEN=5}"),
        ("struct { __u32 a; }", "struct {u32 a @0; 4 bytes}"),
        ("union { __u32 a; __u8 b; }", "union {u32 a @0; u8 b @0; 4 bytes}"),
        ("struct x { __u8 a; __u32 b; unsigned c : 3; }", "struct {u8 a @0; u32 b @4; u32:3 c @8.0; 12 bytes}"),
        ("struct { struct { int a; }; int *b; }", "struct {struct {s32 a @0; 4 bytes} @0; pointer b @8; 16 bytes}"),
        ("struct bpf_spin_lock { __u32 val; }", "struct bpf_spin_lock {u32 val @0; 4 bytes}"),
    ],
)
def test_lines(text, expected):
    assert line(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("struct a { __u32 x; }", "struct b { unsigned int x; }"),
        ("typedef __u64 t; t", "unsigned long"),
        ("struct s { int a; } __attribute__((packed))", "struct s { int a; }"),
    ],
)
def test_names_of_types_make_no_difference(one, other):
    assert line(one) == line(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("__u32", "__s32"),
        ("__u8 a[4]", "char a[4]"),
        ("struct { __u8 a; __u32 b; }", "struct { __u8 a; __u32 b; } __attribute__((packed))"),
        ("struct { __u32 a; }", "struct { __u32 b; }"),
        ("struct { unsigned a : 3; }", "struct { unsigned a : 4; }"),
        ("enum { A }", "enum { A = 1 }"),
    ],
)
def test_what_makes_a_difference(one, other):
    assert line(one) != line(other)


def test_sizes():
    assert size(*ctext.spec("struct { __u8 a; __u32 b; }")) == 8
    assert size(*ctext.spec("struct never_declared")) is None


def test_a_type_within_itself_ends():
    writer = Writer()
    writer.add(kinds.STRUCT, "a", 4, 1, words=[writer.string("a"), 1, 0])
    with pytest.raises(BtfError):
        outline(Spec(writer.blob()), 1)
