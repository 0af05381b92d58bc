# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.cdecl import Declarations
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def declare(builder, type_id, what="x"):
    return Declarations(builder.spec()).declare(type_id, what)


def test_chains_are_written_from_the_inside_out():
    builder = Builder()
    number = builder.integer()
    pointer, array = builder.pointer(number), builder.array(number, 3)
    grid = builder.array(array, 2)
    function = builder.add(kinds.FUNC_PROTO, "", pointer, 2, words=[builder.string("n"), number, 0, 0])
    bare = builder.add(kinds.FUNC_PROTO)
    open_ended = builder.add(kinds.FUNC_PROTO, "", 0, 1, words=[0, 0])
    const = builder.refer(kinds.CONST, pointer)
    of_const = builder.pointer(builder.refer(kinds.CONST, number))
    restrict = builder.refer(kinds.RESTRICT, builder.refer(kinds.VOLATILE, pointer))
    tagged = builder.pointer(builder.refer(kinds.TYPE_TAG, number, "user"))
    expected = {
        number: "int x",
        pointer: "int *x",
        array: "int x[3]",
        grid: "int x[2][3]",
        builder.pointer(grid): "int (*x)[2][3]",
        builder.array(builder.pointer(function), 4): "int *(*x[4])(int n, ...)",
        builder.pointer(bare): "void (*x)(void)",
        builder.pointer(open_ended): "void (*x)()",
        const: "int *const x",
        of_const: "const int *x",
        restrict: "int *restrict volatile x",
        builder.refer(kinds.RESTRICT, number): "int x",
        tagged: "int *x",
        0: "void x",
    }
    declarations = Declarations(builder.spec())
    assert {one: declarations.declare(one, "x") for one in expected} == expected


def test_what_has_no_name_is_written_where_it_is_used():
    builder = Builder()
    number = builder.integer()
    inner = builder.struct(4, ("a", number, 0))
    enum = builder.enum(4, {"ONE": 1, "MINUS": -1}, 1)
    outer = builder.struct(12, ("", inner, 0), ("i", inner, 32), ("e", enum, 64), name="outer")
    found = Declarations(builder.spec()).define(outer, tag="struct outer")
    assert found == (
        "struct outer {\n\tstruct {\n\t\tint a;\n\t};\n\tstruct {\n\t\tint a;\n\t} i;\n"
        "\tenum {\n\t\tONE = 1,\n\t\tMINUS = -1,\n\t} e;\n}"
    )


def test_gaps_bitfields_and_packing():
    builder = Builder()
    number = builder.integer()
    bits = builder.struct(5, ("a", number, 0, 5), ("b", number, 8), flag=1)
    union = builder.union(8, ("a", number, 0))
    declarations = Declarations(builder.spec())
    assert declarations.define(bits) == "struct {\n\tint a: 5;\n\tint b;\n} __attribute__((packed))"
    assert declarations.define(union) == "union {\n\tint a;\n\tstruct { long: 64; };\n}"


@pytest.mark.parametrize(
    ("size", "constants", "flag", "text"),
    [
        (4, {"A": 0x80000000}, 0, "A = 2147483648,\n}"),
        (1, {"A": -1}, 1, "A = -1,\n} __attribute__((mode(QI)))"),
        (8, {"A": 1}, 0, "A = 1LL,\n} __attribute__((mode(DI)))"),
        (4, {}, 0, "e___unknown = 0,\n}"),
    ],
)
def test_enums(size, constants, flag, text):
    builder = Builder()
    builder.enum(size, constants, flag, name="e")
    assert Declarations(builder.spec()).define(1).endswith(text)


def test_the_ends_of_64_bits():
    builder = Builder()
    builder.enum64({"LOW": -(1 << 63), "HIGH": (1 << 63) - 1}, 1)
    builder.enum64({"ALL": (1 << 64) - 1}, 0)
    declarations = Declarations(builder.spec())
    assert "LOW = (-9223372036854775807LL - 1)," in declarations.define(1)
    assert "ALL = 18446744073709551615ULL," in declarations.define(2)


def test_circles_end():
    builder = Builder()
    builder.pointer(1)
    function = builder.add(kinds.FUNC_PROTO, "", 0, 1, words=[0, 2])
    inner = builder.struct(4, ("", 3, 0))
    assert (function, inner) == (2, 3)
    for type_id in (1, function):
        with pytest.raises(BtfError, match=r"refers to itself|nested deeper"):
            declare(builder, type_id)
    with pytest.raises(BtfError, match="nested deeper"):
        Declarations(builder.spec()).define(inner)
