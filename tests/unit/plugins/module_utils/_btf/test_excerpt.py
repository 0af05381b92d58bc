# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext, kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.excerpt import excerpt
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.outline import outline
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.writer import Writer

TEXTS = (
    "int",
    "__u64",
    "double",
    "char name[16]",
    "enum e { A = -1, B }",
    "enum big { C = 0x100000000 }",
    "struct s { __u8 a; struct { int x[2][3]; }; union { long y; short z; } u; unsigned b : 3; signed c : 5; }",
    "struct p { struct s *next; void *any; const union v *other; int (*call)(int); } ",
    "typedef const volatile unsigned short t; t",
)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_type_is_the_same_and_alone(text, order):
    spec, type_id = ctext.spec("struct unused { int x; };" + text, order)
    blob, (new,) = excerpt(spec, [type_id])
    copy = Spec(blob)
    assert copy.order == order and outline(copy, new) == outline(spec, type_id)
    assert copy.count() <= spec.count()
    assert "unused" not in [copy.name(number) for number in range(1, copy.count())]


def test_a_pointer_keeps_the_name_of_its_struct():
    spec, type_id = ctext.spec("struct s { int a; }; struct p { struct s *x; const struct s *y; union v *z; int *i; };")
    blob, (new,) = excerpt(spec, [type_id])
    copy = Spec(blob)
    targets = [copy.type(member).size for _name, member, _start, _bits in copy.members(new)]
    assert targets[0] == targets[1] and [copy.name(target) if target else "" for target in targets] == [
        "s",
        "s",
        "v",
        "",
    ]
    assert [copy.type(target).flag for target in targets[:3]] == [0, 0, 1]
    assert {copy.kind(target) for target in targets[:3]} == {kinds.FWD}


def test_several_types_share_what_they_have_in_common():
    parser = ctext.Parser("little")
    ids = [parser.read("struct s { int a; };"), parser.read("struct t { struct s x; int y; };")]
    blob, new = excerpt(Spec(parser.writer.blob()), [*ids, 0])
    copy = Spec(blob)
    assert new[2] == 0 and next(iter(copy.members(new[1])))[1] == new[0] and copy.count() == 4


def test_what_a_copy_would_lose_is_refused():
    spec, type_id = ctext.spec("struct bpf_list_head { long a; }; struct s { struct bpf_list_head h; };")
    with pytest.raises(BtfError, match="bpf_list_head, which only the loader"):
        excerpt(spec, [type_id])
    writer = Writer()
    writer.add(kinds.STRUCT, "task_struct")
    writer.add(kinds.TYPE_TAG, "kptr", 1)
    writer.add(kinds.PTR, "", 2)
    writer.add(kinds.FUNC_PROTO, "", 0)
    writer.add(kinds.VAR, "v", 3, words=[0])
    spec = Spec(writer.blob())
    with pytest.raises(BtfError, match="tagged kptr"):
        excerpt(spec, [3])
    for odd in (4, 5):
        with pytest.raises(BtfError):
            excerpt(spec, [odd])


@given(st.lists(st.sampled_from(TEXTS[:7]), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_copies_of_copies_are_equal(texts):
    parser = ctext.Parser("little")
    ids = [parser.read(text) for text in dict.fromkeys(texts)]
    blob, new = excerpt(Spec(parser.writer.blob()), ids)
    assert excerpt(Spec(blob), new) == (blob, new)
