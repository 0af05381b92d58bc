# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import subprocess

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import cdump, ctext, detail, kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind


def body(text):
    assert text.startswith(cdump.HEADER) and text.endswith(cdump.FOOTER)
    return text[len(cdump.HEADER) : -len(cdump.FOOTER)]


@pytest.fixture
def circle():
    """Two structs that point to each other, one of which holds the other's part."""
    builder = Builder()
    number = builder.integer()
    part = builder.struct(4, ("n", number, 0), name="part")
    builder.struct(16, ("part", part, 0), ("next", builder.next_id + 1, 64), name="first")
    builder.pointer(builder.next_id + 1)
    builder.struct(8, ("back", builder.next_id + 1, 0), name="second")
    builder.pointer(3)
    return builder


def test_what_is_used_by_value_comes_before(circle):
    text = body(cdump.text(circle.spec()))
    assert [line for line in text.splitlines() if line[:1] == "s"] == [
        "struct part {",
        "struct second;",
        "struct first {",
        "struct second {",
    ]


def test_some_types_with_what_they_need(circle):
    text = body(cdump.text(circle.spec(), ["second"]))
    assert re.findall("^struct .*", text, re.MULTILINE) == ["struct first;", "struct second {"]
    assert body(cdump.text(circle.spec(), ["struct first", "part"])).count("struct part {") == 1


def test_a_name_that_there_is_not(circle):
    with pytest.raises(BtfError, match="no type is called 'struct secnd'; near: struct second"):
        cdump.text(circle.spec(), ["struct secnd"])


def test_typedefs_and_forward_declarations():
    builder = Builder()
    ahead = builder.add(kinds.FWD, "ahead", flag=1)
    number = builder.integer()
    shape = builder.struct(4, ("n", number, 0))
    builder.refer(kinds.TYPEDEF, shape, "shape_t")
    builder.refer(kinds.TYPEDEF, builder.pointer(ahead), "handle_t")
    builder.enum(4, {"LONELY": 1})
    assert body(cdump.text(builder.spec())) == (
        "union ahead;\n\ntypedef struct {\n\tint n;\n} shape_t;\n\ntypedef union ahead *handle_t;\n\n"
        "enum {\n\tLONELY = 1,\n};\n\n"
    )


def test_a_forward_declaration_of_what_is_there():
    builder = Builder()
    ahead = builder.add(kinds.FWD, "s")
    builder.pointer(ahead)
    builder.struct(8, ("next", 2, 0), name="s")
    assert body(cdump.text(builder.spec())) == "struct s;\n\nstruct s {\n\tstruct s *next;\n};\n\n"


def test_a_split_brings_what_it_needs_of_its_base():
    base = Builder()
    number = base.integer()
    base.struct(4, ("n", number, 0), name="base")
    builder = Builder(base=base)
    builder.struct(4, ("b", 2, 0), name="own")
    assert body(cdump.text(builder.spec())) == "struct base {\n\tint n;\n};\n\nstruct own {\n\tstruct base b;\n};\n\n"


def test_circles_by_value_end():
    builder = Builder()
    builder.struct(4, ("self", 1, 0), name="s")
    for number in range(2, 300):
        builder.refer(kinds.TYPEDEF, number + 1, f"t{number}")
    builder.integer()
    with pytest.raises(BtfError, match="nested deeper than 32 at byte 24"):
        cdump.text(builder.spec(), ["s"])
    with pytest.raises(BtfError, match="needs others more than 150 deep"):
        cdump.text(builder.spec(), ["t2"])


def layouts(spec):
    """Return {"struct name": (size, members with offsets)} of all structs and unions that have a name."""
    return {
        f"{cdump.keyword(spec, one)} {spec.name(one)}": (
            spec.type(one).size,
            [(name, offset, bits) for name, _type, offset, bits in spec.members(one) if name],
        )
        for one in detail.own_ids(spec)
        if spec.kind(one) in cdump.AGGREGATES and spec.name(one)
    }


@pytest.mark.parametrize("order", ["little", "big"])
def test_our_own_reader_of_c_lays_it_out_the_same_way(order):
    for spec in (every_kind(order).spec(), Spec(captures.captured(order + ".btf"))):
        again, _last = ctext.spec(cdump.text(spec), order)
        assert layouts(again).items() >= layouts(spec).items() and len(layouts(spec)) >= 3


def test_the_compiler_lays_it_out_the_same_way(tmp_path):
    if captures.missing_tools():
        pytest.skip("not installed: " + ", ".join(captures.missing_tools()))
    for number, spec in enumerate((every_kind().spec(), Spec(captures.captured("little.btf")))):
        asserted = "".join(
            f'_Static_assert(sizeof({tag}) == {size}, "{tag}");\n'
            + "".join(
                f'_Static_assert(__builtin_offsetof({tag}, {name}) == {offset // 8}, "{tag}.{name}");\n'
                for name, offset, bits in members
                if not bits
            )
            for tag, (size, members) in layouts(spec).items()
        )
        source = tmp_path / f"{number}.c"
        source.write_text(cdump.text(spec) + asserted)
        command = ["clang", "-target", "bpf", "-Wall", "-Werror", "-fsyntax-only", str(source)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()
