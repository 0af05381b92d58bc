# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

VMLINUX = "/sys/kernel/btf/vmlinux"
ORDERS = pytest.mark.parametrize("order", ["little", "big"])


def describe(spec, type_id):
    """Return a type in the words of ``bpftool -j btf dump``, as far as the Spec tells them."""
    kind, name, vlen, _flag, size = spec.type(type_id)
    entry = {"id": type_id, "kind": kinds.NAMES[kind], "name": name or "(anon)"}
    if kind == kinds.INT:
        entry["nr_bits"], entry["bits_offset"], encoding = spec.integer(type_id)
        entry["encoding"] = {0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL"}[encoding]
    if kind == kinds.ARRAY:
        entry["type_id"], entry["index_type_id"], entry["nr_elems"] = spec.array(type_id)
    if kind in (kinds.STRUCT, kinds.UNION):
        entry["members"] = [
            dict(name=name or "(anon)", type_id=member, bits_offset=offset, **({"bitfield_size": bits} if bits else {}))
            for name, member, offset, bits in spec.members(type_id)
        ]
    if kind in (kinds.ENUM, kinds.ENUM64):
        entry["values"] = [{"name": name, "val": number} for name, number in spec.constants(type_id)]
    if kind == kinds.DATASEC:
        entry["vars"] = [
            {"type_id": var, "offset": offset, "size": size} for var, offset, size in spec.variables(type_id)
        ]
    if kind in (kinds.INT, kinds.STRUCT, kinds.UNION, kinds.ENUM, kinds.ENUM64, kinds.DATASEC, kinds.FLOAT):
        entry["size"] = size
    elif kind not in (kinds.ARRAY, kinds.FWD):
        entry["ret_type_id" if kind == kinds.FUNC_PROTO else "type_id"] = size
    if kind not in (kinds.FUNC, *kinds.ALIASES):
        entry["vlen"] = vlen
    return entry


def assert_same(spec, golden):
    """Compare key by key what both sides tell of every type."""
    assert spec.count() == len(golden) + 1
    for type_id, theirs in golden.items():
        ours = describe(spec, type_id)
        for key in ("values", "members", "vars"):
            assert (key in ours) == (key in theirs)
        for key, value in theirs.items():
            if key in ours and key != "values":
                assert ours[key] == value, (key, theirs)
        # bpftool 7.1 prints what the kind flag calls unsigned as signed: compare the bits.
        mask = (1 << 64 if theirs["kind"] == "ENUM64" else 1 << 32) - 1
        assert bits_of(ours, mask) == bits_of(theirs, mask)


def bits_of(entry, mask):
    return [(constant["name"], constant["val"] & mask) for constant in entry.get("values", ())]


@ORDERS
def test_captured_blob_as_bpftool_sees_it(order):
    spec = Spec(captures.captured(order + ".btf"))
    assert spec.order == order
    assert_same(spec, captures.golden(order + ".json"))


def test_fresh_compiler_output_as_bpftool_sees_it(tmp_path):
    if captures.missing_tools():
        pytest.skip("not installed: " + ", ".join(captures.missing_tools()))
    made = captures.build(tmp_path)
    for order in ("little", "big"):
        assert_same(Spec(made[order + ".btf"]), captures.by_id(made[order + ".json"]))


def test_vmlinux_as_bpftool_sees_it():
    if not os.access(VMLINUX, os.R_OK):
        pytest.skip("this kernel has no " + VMLINUX)
    if "bpftool" in captures.missing_tools():
        pytest.skip("not installed: bpftool")
    with open(VMLINUX, "rb") as blob:
        spec = Spec(blob.read())
    start = time.process_time()
    count = spec.count()
    # Some 30 ms where it was written; a walk that builds objects takes seconds.
    assert time.process_time() - start < 1
    golden = captures.by_id(captures.bpftool_dump(VMLINUX))
    assert count == len(golden) + 1
    assert_same(spec, golden)


def every_kind(order="little", base=None):
    builder = Builder(order, base)
    number = builder.integer()
    builder.pointer(number)
    builder.array(number, 3)
    builder.struct(8, ("a", number, 0), ("b", number, 32), name="s")
    builder.union(4, ("a", number, 0), name="u")
    builder.enum(4, {"A": 1, "B": 2}, name="e")
    builder.add(kinds.FWD, "f", flag=1)
    for kind in (kinds.TYPEDEF, kinds.VOLATILE, kinds.CONST, kinds.RESTRICT):
        builder.refer(kind, number, "t" if kind == kinds.TYPEDEF else "")
    prototype = builder.next_id + 1
    builder.function("function", prototype)
    builder.add(kinds.FUNC_PROTO, size=number, vlen=2, words=[builder.string("x"), number, 0, 0])
    variable = builder.variable("v", number)
    builder.section(".data", 4, (variable, 0, 4))
    builder.add(kinds.FLOAT, "double", 8)
    builder.add(kinds.DECL_TAG, "tag", number, words=[-1])
    builder.refer(kinds.TYPE_TAG, number, "user")
    builder.enum64({"HUGE": 1 << 40})
    return builder


@ORDERS
def test_every_kind_has_its_length(order):
    spec = every_kind(order).spec()
    assert spec.count() == 20
    assert [spec.kind(type_id) for type_id in range(20)] == list(range(20))
    assert spec.name(12) == "function"
    assert list(spec.constants(19)) == [("HUGE", 1 << 40)]
    assert list(spec.variables(15)) == [(14, 0, 4)]
    assert spec.type(7) == (kinds.FWD, "f", 0, 1, 0)
    assert spec.type(0) == (0, "", 0, 0, 0)


@ORDERS
def test_split_goes_on_where_the_base_ends(order):
    base = every_kind(order)
    builder = Builder(order, base)
    pointer = builder.pointer(4)
    own = builder.struct(8, ("first", 4, 0), ("ptr", pointer, 0), name="of_module")
    spec = builder.spec()
    assert (pointer, own, spec.count()) == (20, 21, 22)
    assert (spec.name(own), spec.name(4), spec.name(0)) == ("of_module", "s", "")
    assert [name for name, *_rest in spec.members(own)] == ["first", "ptr"]
    assert list(spec.members(4)) == [("a", 1, 0, 0), ("b", 1, 32, 0)]
    assert spec.resolve(8) == 1
    # A second storey.
    top = Builder(order, builder)
    assert top.function("on_top") == 22
    assert Spec(top.blob(), spec).func_name(22) == "on_top"


@ORDERS
def test_wide_vlen(order):
    builder = Builder(order)
    builder.enum(4, {f"K{number}": number for number in range(0x10001)})
    last = builder.function("last")
    assert builder.spec().func_name(last) == "last"


def test_kind_flag_splits_offset_and_bits():
    builder = Builder()
    number = builder.integer()
    plain = builder.struct(1 << 22, ("far", number, 1 << 24))
    flagged = builder.struct(8, ("bits", number, 3, 5), ("rest", number, 32, 0), flag=1)
    spec = builder.spec()
    assert list(spec.members(plain)) == [("far", number, 1 << 24, 0)]
    assert list(spec.members(flagged)) == [("bits", number, 3, 5), ("rest", number, 32, 0)]


def test_constants_are_signed_by_the_kind_flag():
    builder = Builder()
    for flag in (0, 1):
        builder.enum(4, {"LOW": -1}, flag)
        builder.enum64({"LOW": -1}, flag)
    spec = builder.spec()
    values = [number for type_id in range(1, 5) for _name, number in spec.constants(type_id)]
    assert values == [2**32 - 1, 2**64 - 1, -1, -1]


@ORDERS
def test_full_function_name(order):
    builder = Builder(order)
    number = builder.integer()
    named = builder.function("a_name_that_the_kernel_cuts_at_fifteen_bytes")
    spec = builder.spec()
    assert spec.func_name(named) == "a_name_that_the_kernel_cuts_at_fifteen_bytes"
    assert spec.func_name(number) is None
    assert spec.func_name(0) is None


def test_names_of_a_low_id_survive_damage_behind_it():
    builder = Builder()
    named = builder.function("early")
    builder.add(31)
    spec = builder.spec()
    assert spec.func_name(named) == "early"
    for _again in range(2):
        with pytest.raises(BtfError, match="a type is of the unknown kind 31") as caught:
            spec.count()
        assert caught.value.offset == 24 + 12
    assert spec.func_name(named) == "early"


def test_index_grows_with_what_is_asked():
    builder = Builder()
    for number in range(100):
        builder.function(f"f{number}")
    spec = builder.spec()
    spec.name(10)
    assert len(spec._places) == 11
    assert spec.count() == 101


def test_name_that_is_no_utf8():
    builder = Builder()
    assert builder.spec().count() == 1
    function = builder.function(b"evil\xff\x1b")
    assert builder.spec().name(function) == "evil\\xff\x1b"


@ORDERS
def test_damaged_types_and_strings_say_where(order):
    builder = Builder(order)
    builder.integer()
    builder.add(kinds.STRUCT, "s", 4, vlen=9, words=[0, 0, 0])
    with pytest.raises(BtfError, match="STRUCT with 9 elements runs beyond") as caught:
        builder.spec().count()
    assert caught.value.offset == 24 + 16

    builder = Builder(order)
    builder.integer()
    builder.types += bytes(8)
    with pytest.raises(BtfError, match="last type is cut off") as caught:
        builder.spec().count()
    assert caught.value.offset == 24 + 16

    builder = Builder(order)
    builder.types += builder.pack("3I", 4000, kinds.FUNC << 24, 0)
    with pytest.raises(BtfError, match="no string ends behind offset 4000"):
        builder.spec().name(1)

    builder = Builder(order)
    builder.integer("unending")
    builder.strings = builder.strings[:-1]
    with pytest.raises(BtfError, match="no string ends") as caught:
        builder.spec().name(1)
    assert caught.value.offset == 24 + 16 + 1


def test_circles_end():
    builder = Builder()
    builder.refer(kinds.TYPEDEF, 2, "a")
    builder.refer(kinds.CONST, 1)
    with pytest.raises(BtfError, match="refers to itself") as caught:
        builder.spec().resolve(1)
    assert caught.value.offset in (24, 36)


def test_resolve_looks_through_what_it_is_told():
    builder = Builder()
    number = builder.integer()
    name = builder.refer(kinds.TYPEDEF, number, "name")
    const = builder.refer(kinds.CONST, name)
    spec = builder.spec()
    assert (spec.resolve(const), spec.resolve(const, kinds.MODIFIERS), spec.resolve(0)) == (number, name, 0)


@pytest.mark.parametrize("type_id", [-1, 2, 1 << 31])
def test_ids_that_do_not_exist(type_id):
    builder = Builder()
    builder.integer()
    spec = builder.spec()
    for ask in (spec.kind, spec.name, spec.type, spec.resolve, spec.func_name):
        with pytest.raises(BtfError, match="there is no type"):
            ask(type_id)


def test_asking_the_wrong_kind():
    builder = Builder()
    function = builder.function("f")
    spec = builder.spec()
    with pytest.raises(BtfError, match="type 1 is no STRUCT or UNION but of kind 12"):
        list(spec.members(function))
    for ask in (spec.integer, spec.array, spec.variables):
        with pytest.raises(BtfError, match="is no"):
            ask(function)


def test_golden_dumps_are_whole():
    for order in ("little", "big"):
        names = {entry["name"] for entry in json.loads(captures.captured(order + ".json"))["types"]}
        assert {"sample", "bits", "a_function_with_a_name_longer_than_fifteen_bytes"} <= names
