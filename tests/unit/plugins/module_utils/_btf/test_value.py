# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

VMLINUX = "/sys/kernel/btf/vmlinux"
ORDERS = pytest.mark.parametrize("order", ["little", "big"])

# What types.bpf.c says, but ``address``, which lies over ``octets``.
SAMPLE = {
    "i8": -2,
    "n8": 254,
    "i16": -300,
    "n16": 65000,
    "i32": -70000,
    "n32": 4000000000,
    "i64": -5000000000,
    "n64": 18000000000000000000,
    "i128": -1,
    "n128": (1 << 100) + 7,
    "yes": True,
    "answers": [False, True],
    "word": "caf\u00e9",
    "label": r"a\x01\xff\x5cx",
    "letter": ord("x"),
    "small": [-1, 0, 1],
    "mac": [0, 17, 34, 51, 68, 255],
    "grid": [[1, 2, 3], [-4, -5, -6]],
    "color": "GREEN",
    "strange": 77,
    "third": 0.25,
    "tenth": 0.1,
    "odd": 9,
    "bits": {"low": -3, "high": 1234, "color": "BLUE", "flag": True, "wide": -123456789012, "last": 5},
    "octets": [10, 0, 0, 1],
    "inner": {"left": 1, "right": -1},
    "beside": 3,
    "pairs": [{"left": 1, "right": 2}, {"left": 3, "right": 4}],
    "pointer": 0,
    "call": 0,
    "next": 0,
    "none": [],
}


def assert_sample(order, blob, data):
    spec = Spec(blob)
    expected = dict(SAMPLE, address=int.from_bytes(bytes((10, 0, 0, 1)), order))
    (variable,) = [one for one in range(spec.count()) if spec.kind(one) == kinds.VAR and spec.name(one) == "sample"]
    assert decoder(spec, variable)(data) == expected


@ORDERS
def test_what_the_compiler_laid_out(order):
    assert_sample(order, captures.captured(order + ".btf"), captures.captured(order + ".sample"))


def test_what_this_compiler_lays_out(tmp_path):
    if captures.missing_tools():
        pytest.skip("not installed: " + ", ".join(captures.missing_tools()))
    made = captures.build(tmp_path)
    for order in ("little", "big"):
        assert_sample(order, made[order + ".btf"], made[order + ".sample"])


def test_section_by_variable():
    spec = Spec(captures.captured("little.btf"))
    (section,) = [one for one in range(spec.count()) if spec.name(one) == ".rodata"]
    assert decoder(spec, section)(captures.captured("little.rodata")) == {
        "bpf_metadata_author": "somebody",
        "bpf_metadata_release": "1.2-rc3",
        "bpf_metadata_build": -42,
        "bpf_metadata_range": {"left": 5, "right": 6},
        "unrelated": 7,
    }


def test_every_type_of_the_kernel_can_be_compiled():
    if not os.access(VMLINUX, os.R_OK):
        pytest.skip("this kernel has no " + VMLINUX)
    with open(VMLINUX, "rb") as blob:
        spec = Spec(blob.read())
    wanted = [one for one in range(spec.count()) if spec.kind(one) in (kinds.STRUCT, kinds.UNION)]
    start = time.process_time()
    for type_id in wanted[::10]:
        decoder(spec, type_id)
    assert len(wanted) > 1000
    assert time.process_time() - start < 30


@ORDERS
def test_plain_struct_with_padding(order):
    builder = Builder(order)
    byte, number = builder.integer("u8", 1, 0), builder.integer("u32", 4, 0)
    plain = builder.struct(12, ("a", byte, 0), ("b", number, 32), ("c", byte, 64))
    decode = decoder(builder.spec(), plain)
    assert decode(b"\1\xff\xff\xff" + builder.pack("I", 7) + b"\2\xff\xff\xff") == {"a": 1, "b": 7, "c": 2}
    assert list(decode(bytes(12))) == ["a", "b", "c"]


def test_union_tells_every_member():
    builder = Builder()
    number, half = builder.integer("u32", 4, 0), builder.integer("u16", 2, 0)
    union = builder.union(4, ("whole", number, 0), ("half", half, 0))
    assert decoder(builder.spec(), union)(b"\1\0\1\0") == {"whole": 0x10001, "half": 1}


def test_anonymous_members_stand_in_the_outer_struct():
    builder = Builder()
    number = builder.integer("u32", 4, 0)
    inner = builder.struct(8, ("a", number, 0), ("b", number, 32))
    wrapped = builder.refer(kinds.CONST, inner)
    union = builder.union(8, ("", wrapped, 0), ("first", number, 0))
    outer = builder.struct(12, ("", union, 0), ("named", number, 64))
    data = builder.pack("3I", 1, 2, 3)
    assert decoder(builder.spec(), outer)(data) == {"a": 1, "b": 2, "first": 1, "named": 3}


def test_character_arrays_are_text_but_not_behind_a_typedef():
    builder = Builder()
    char, coded = builder.integer("char", 1), builder.integer("unsigned char", 1, kinds.CHAR)
    const, alias = builder.refer(kinds.CONST, char), builder.refer(kinds.TYPEDEF, char, "int8_t")
    wide = builder.integer("char", 2)
    arrays = [builder.array(element, 4) for element in (char, coded, const, alias, wide)]
    table = builder.array(arrays[0], 2)
    spec = builder.spec()
    data = b"ab\0c\0\0\0\0"
    assert [decoder(spec, array)(data) for array in arrays[:3]] == ["ab"] * 3
    assert decoder(spec, arrays[3])(data) == [97, 98, 0, 99]
    assert decoder(spec, arrays[4])(data) == [0x6261, 0x6300, 0, 0]
    assert decoder(spec, table)(data) == ["ab", ""]


def test_arrays_without_bytes():
    builder = Builder()
    number, empty = builder.integer(), builder.struct(0)
    char = builder.integer("char", 1)
    flexible, nothing = builder.array(number, 0), builder.array(empty, 0xFFFFFFFF)
    text = builder.array(char, 0)
    spec = builder.spec()
    assert [decoder(spec, one)(b"") for one in (empty, flexible, nothing, text)] == [{}, [], [], ""]


def test_member_of_a_kind_without_size_takes_the_room_to_the_next():
    builder = Builder()
    number, forward = builder.integer(), builder.add(kinds.FWD, "f")
    several = builder.array(forward, 2)
    outer = builder.struct(12, ("a", forward, 0), ("b", number, 32), ("c", several, 64))
    data = b"\1\2\3\4" + builder.pack("i", -1) + b"\5\6\7\x08" + b"behind"
    assert decoder(builder.spec(), outer)(data) == {"a": "01 02 03 04", "b": -1, "c": "05 06 07 08"}


def test_typedefs_and_tags_are_looked_through():
    builder = Builder()
    type_id = builder.integer()
    for kind in (kinds.TYPEDEF, kinds.CONST, kinds.VOLATILE, kinds.RESTRICT, kinds.TYPE_TAG):
        type_id = builder.refer(kind, type_id, "x" if kind == kinds.TYPEDEF else "")
    type_id = builder.variable("v", type_id)
    assert decoder(builder.spec(), type_id)(builder.pack("i", -9)) == -9


def test_longer_data_are_cut_and_shorter_refused():
    builder = Builder()
    number = builder.integer()
    several = builder.array(number, 2)
    decode = decoder(builder.spec(), several)
    assert decode(bytes(9)) == [0, 0]
    with pytest.raises(BtfError, match="a value of 7 bytes, but its type has 8") as caught:
        decode(bytes(7))
    assert caught.value.offset is None


def refused(builder, type_id, reason):
    with pytest.raises(BtfError, match=reason) as caught:
        decoder(builder.spec(), type_id)
    assert caught.value.offset >= 24


def test_types_that_contradict_themselves_are_refused():
    builder = Builder()
    number = builder.integer()
    refused(builder, builder.struct(4, ("x", number, 8)), "x does not fit into the 4 bytes of type 2")
    long = builder.pointer()
    refused(builder, builder.struct(12, ("x", long, 4)), "member x of type 4 begins within a byte")
    variable = builder.variable("v", number)
    refused(builder, builder.section(".bss", 7, (variable, 4, 4)), "v does not fit into the 7 bytes of type 6")


def test_types_that_contain_themselves_are_refused():
    builder = Builder()
    refused(builder, builder.struct(4, ("self", 1, 0)), "type 1 is nested deeper than 32")
    refused(builder, builder.array(2, 1), "type 2 is nested deeper than 32")


def test_types_made_to_explode_are_refused():
    builder = Builder()
    union = builder.integer()
    for _storey in range(30):
        union = builder.union(4, ("a", union, 0), ("b", union, 0))
    refused(builder, union, "makes .* values out of 4 bytes")

    builder = Builder()
    array = builder.integer()
    for _storey in range(4):
        array = builder.array(array, 0x10000)
    refused(builder, array, "type 3 has 17179869184 bytes")


def test_depth_is_counted_from_the_bottom_too():
    builder = Builder()
    type_id = builder.integer()
    chain = [type_id]
    for _storey in range(60):
        chain.append(builder.struct(4, ("x", chain[-1], 0)))
    # Asked from below, every single step is short; the sum is not.
    outer = builder.struct(4 * len(chain), *[(f"m{n}", one, 32 * n) for n, one in enumerate(chain)])
    refused(builder, outer, "nested deeper than 32")
    decoder(builder.spec(), chain[32])
