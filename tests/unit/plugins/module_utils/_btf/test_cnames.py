# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import cnames, kinds
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def test_a_name_that_is_taken_gets_a_number():
    builder = Builder()
    number = builder.integer()
    structs = [builder.struct(0, name="s"), builder.union(0, name="s"), builder.enum(4, {"A": 1}, name="s")]
    alias = builder.refer(kinds.TYPEDEF, number, "s")
    names = cnames.Names(builder.spec())
    assert [names.tag(one) for one in structs] == ["struct s", "union s___2", "enum s___3"]
    assert [names.tag(one) for one in structs] == ["struct s", "union s___2", "enum s___3"]
    # typedefs have a name space of their own, together with constants
    assert (names.typedef(alias), names.constant("s"), names.constant("s")) == ("s", "s___2", "s___3")


def test_forward_declarations_share_the_name_of_what_they_are_about():
    builder = Builder()
    ahead, whole = builder.add(kinds.FWD, "s"), builder.struct(0, name="s")
    names = cnames.Names(builder.spec())
    names.share(ahead, whole)
    assert names.tag(ahead) == names.tag(whole) == "struct s"


def test_integers_that_c_has_no_name_for():
    builder = Builder()
    own = [builder.integer("long unsigned int", 8, 0), builder.integer("u128", 16, 0), builder.integer("i16", 2)]
    own += [builder.integer("bool", 1, kinds.BOOL), builder.integer("Flag", 1, kinds.BOOL), builder.integer("odd", 3)]
    spec = builder.spec()
    assert [cnames.integer(spec, one) for one in own] == [
        "long unsigned int",
        "unsigned __int128",
        "short",
        "bool",
        "_Bool",
        "struct { unsigned char bytes[3]; }",
    ]


def test_names_that_c_does_not_take():
    assert [cnames.identifier(name) for name in ("a", "core::Option<u8>", "3d", "")] == [
        "a",
        "core__Option_u8_",
        "_3d",
        "",
    ]
    assert cnames.floating(8) == "double" and "bytes[16]" in cnames.floating(16)
