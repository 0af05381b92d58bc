# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import cdump, ctext, kinds, raw
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures


def size(text, wanted=None):
    spec, type_id = ctext.spec(text, "little", wanted)
    return decoder(spec, type_id).size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__u32", 4),
        ("int", 4),
        ("unsigned long long int", 8),
        ("long", 8),
        ("bool", 1),
        ("_Bool b", 1),
        ("__int128", 16),
        ("double;", 8),
        ("void *", 8),
        ("char[16]", 16),
        ("const char name[4][8];", 32),
        ("struct { __u8 a; __u64 b; }", 16),
        ("struct { __u8 a; __u64 b; } __attribute__((packed))", 9),
        ("struct __packed s { __u8 a; __u64 b; }", 9),
        ("struct { __u8 a; } __attribute__((aligned(16)))", 16),
        ("struct { __u8 a; __u8 b __aligned(4); }", 8),
        ("struct { __u8 a; __u32 b __attribute__((packed)); }", 5),
        ("union { __u8 a; __u64 b; char c[9]; }", 16),
        ("struct { int a; struct { int b; }; int flexible[]; }", 8),
        ("struct { int a : 3, b : 30; unsigned : 0; char c; }", 12),
        ("enum { A, B = 7, C }", 4),
        ("enum { A = 1 << 31, B }", 4),
        ("enum { A = 1 << 32 }", 8),
        ("enum { A = -1 } __attribute__((mode(QI)))", 1),
        ("enum { A = 200 } __attribute__((packed))", 1),
        ("enum { LEN = 4 }; int x[LEN * 2]", 32),
        ("typedef struct s s_t; struct s { int a; }; s_t x[2]", 8),
        ("struct s { struct s *next; int (*call)(struct s *, int); }", 16),
        ("typedef __u32 addr_t, pair_t[2]; pair_t", 8),
        ("int (*table[3])(void)", 24),
        ("int (*grid)[3]", 8),
        ("uint16_t port", 2),
        ("__be32", 4),
        ("float", 4),
    ],
)
def test_sizes(text, expected):
    assert size(text) == expected


def test_a_type_among_several():
    text = "struct a { int x; }; struct b { int y[4]; };"
    assert [size(text), size(text, "struct a"), size(text, "struct a[3]"), size(text, "struct b *")] == [16, 4, 12, 8]


def test_what_was_declared_is_there():
    spec, type_id = ctext.spec("struct k { __u16 port : 9; const char name[3]; } __packed;", "big")
    assert (spec.order, spec.name(type_id)) == ("big", "k")
    assert [(name, start, bits) for name, _type, start, bits in spec.members(type_id)] == [
        ("port", 0, 9),
        ("name", 16, 0),
    ]
    spec, type_id = ctext.spec("enum e { LOW = -2, NEXT, HIGH = 5 }")
    assert list(spec.constants(type_id)) == [("LOW", -2), ("NEXT", -1), ("HIGH", 5)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the text declares no type"),
        ("strct x", "line 1, column 1 of the type: there is no type 'strct'"),
        ("struct x { int a; ", "a brace is not closed"),
        ("struct x { int a }", "';' is expected, not '}'"),
        ("struct x { u32 a; u32 }", "expected"),
        ("struct", "a name or '{' is expected behind struct"),
        ("struct x { struct y a; }", "there can be no value of this type"),
        ("struct x { void a; }", "there can be no value of this type"),
        ("struct x { int a(int); }", "there can be no value of this type"),
        ("struct x { struct x a; }", "there can be no value of this type"),
        ("struct x { int a; }; struct x { int a; };", "struct x is declared twice"),
        ("int x[-1]", "an array of -1"),
        ("int x[1 << 33]", "an array of 8589934592"),
        ("struct x { int a : 33; }", "a bitfield of 33 bits in a type of 4 bytes"),
        ("struct x { int a : 0; }", "a bitfield of 0 bits"),
        ("unsigned float", "a type is expected, not 'unsigned float'"),
        ("int x y", "';' is expected, not 'y'"),
        ("enum { 1 }", "a constant is expected"),
        ("enum { A = 1 << 63, B = A * 4 }", "is too large"),
        ("struct { int a; } __attribute__((aligned(3)))", "3 is no alignment"),
        ("struct { int a; } __attribute__((packed", "an attribute is not closed"),
        ("struct { " * 100, "nested too deep"),
        ("int " + "(*" * 100, "nested too deep"),
        ("int x" + "[1]" * 100, "nested too deep"),
        ("struct { int a[0xffffffff]; }", "is too long"),
    ],
)
def test_mistakes_are_told_with_their_place(text, reason):
    with pytest.raises(BtfError, match=reason):
        ctext.spec(text)


TEXT = """
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
enum color { RED, GREEN = 5 };
struct small { u8 a; u16 b; } __attribute__((packed));
union both { struct small s; u8 raw[4]; u64 n; };
struct outer {
    u8 first; struct small small; union both both; enum color color;
    u32 low : 3; u32 : 5; u32 middle : 20; u16 cross : 9; u8 bit : 1; u64 wide : 40; u64 : 0; u8 behind;
    char name[7]; struct outer *next; int (*call)(int); __int128 huge; struct { u16 x; union { u8 y; u32 z; }; };
    double d; u8 tail __attribute__((aligned(8))); u32 flexible[];
};
struct tight { u8 a; u32 low : 3; u32 middle : 30; u64 wide : 40; u16 b; } __attribute__((packed));
"""


def shape(spec):
    return {
        spec.name(one): (spec.type(one).size, [(name, start, bits) for name, _type, start, bits in spec.members(one)])
        for one in range(1, spec.count())
        if spec.kind(one) in cdump.AGGREGATES and spec.name(one)
    }


@pytest.mark.parametrize(("order", "target"), [("little", "bpfel"), ("big", "bpfeb")])
def test_the_compiler_puts_everything_at_the_same_place(order, target, tmp_path):
    if captures.missing_tools():
        pytest.skip("not installed: " + ", ".join(captures.missing_tools()))
    source = tmp_path / "types.c"
    source.write_text(TEXT + "struct outer outer; struct tight tight;\n")
    command = ["clang", "-target", target, "-g", "-O2", "-c", str(source), "-o", str(tmp_path / "types.o")]
    subprocess.run(command, check=True)
    compiled = Spec(captures.sections((tmp_path / "types.o").read_bytes())[".BTF"])
    own, _last = ctext.spec(TEXT, order)
    assert shape(own) == shape(compiled)
    assert {"outer", "tight", "small"} < set(shape(own))


def test_the_blob_is_sound():
    spec, _last = ctext.spec(TEXT)
    assert raw.text(spec)
    for type_id in range(1, spec.count()):
        if spec.kind(type_id) not in (kinds.FWD, kinds.FUNC_PROTO):
            assert decoder(spec, type_id).size is not None
