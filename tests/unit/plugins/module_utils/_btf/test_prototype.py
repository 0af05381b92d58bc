# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.prototype import prototype, string
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


@pytest.fixture(params=["little", "big"])
def types(request):
    """A builder with int as type 1, struct sk as type 2 and a pointer to that as type 3."""
    builder = Builder(request.param)
    builder.integer("int")
    builder.struct(4, name="sk")
    builder.pointer(2)
    return builder


def shown(types, returned, *parameters):
    """Return the prototype of a function f; parameters are (name, type)."""
    words = [word for name, type_id in parameters for word in (types.string(name), type_id)]
    proto = types.add(kinds.FUNC_PROTO, size=returned, vlen=len(parameters), words=words)
    function = types.function("f", proto)
    return prototype(types.spec(), function)


def test_parameters(types):
    assert shown(types, 1, ("sk", 3), ("len", 1)) == "int f(struct sk * sk, int len)"


def test_nothing_in_and_nothing_out(types):
    assert shown(types, 0) == "void f()"


def test_parameter_without_a_name(types):
    assert shown(types, 1, ("", 3), ("", 1)) == "int f(struct sk *, int)"


def test_more_arguments(types):
    assert shown(types, 1, ("first", 1), ("", 0)) == "int f(int first, ...)"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda b: b.pointer(b.refer(kinds.CONST, 2)), "const struct sk * x"),
        (lambda b: b.pointer(b.refer(kinds.VOLATILE, 1)), "volatile int * x"),
        (lambda b: b.refer(kinds.RESTRICT, 3), "restrict struct sk * x"),
        (lambda b: b.refer(kinds.TYPEDEF, 1, "u32"), "u32 x"),
        (lambda b: b.pointer(b.refer(kinds.TYPE_TAG, 2, "kptr")), "struct sk * x"),
        (lambda b: b.pointer(0), "void * x"),
        (lambda b: b.pointer(b.add(kinds.FWD, "far")), "struct far * x"),
        (lambda b: b.pointer(b.add(kinds.FWD, "far", flag=1)), "union far * x"),
        (lambda b: b.union(4, name="un"), "union un x"),
        (lambda b: b.enum(4, {}, name="en"), "enum en x"),
        (lambda b: b.enum64({}, name="en"), "enum en x"),
        (lambda b: b.add(kinds.FLOAT, "double", 8), "double x"),
        (lambda b: b.pointer(b.array(1, 4)), "int [4]* x"),
        (lambda b: b.pointer(b.add(kinds.FUNC_PROTO, size=1, vlen=1, words=[0, 1])), "int (int)* x"),
    ],
)
def test_types(types, make, expected):
    assert shown(types, 0, ("x", make(types))) == f"void f({expected})"


def test_other_kinds_have_no_prototype(types):
    assert prototype(types.spec(), 2) == ""


def test_types_that_refer_to_themselves(types):
    with pytest.raises(BtfError, match="refers to itself"):
        shown(types, 0, ("x", types.pointer(types.next_id)))


def test_type_that_does_not_exist(types):
    with pytest.raises(BtfError):
        shown(types, 99)


def test_strings(types):
    offset = types.string("return 0;")
    assert string(types.spec(), offset) == "return 0;"
    with pytest.raises(BtfError):
        string(types.spec(), 9999)
