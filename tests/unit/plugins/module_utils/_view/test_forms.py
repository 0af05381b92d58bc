# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types
from ansible_collections.ebpf.fleet.plugins.module_utils._view import forms
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_btf import BtfForm
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def info(kind=map_types.HASH, key=4, value=4):
    return SimpleNamespace(type=kind, key_size=key, value_size=value, map_flags=0)


@pytest.fixture
def typing():
    made = Builder()
    word = made.integer()
    return forms.Typing(made.spec(), word, word)


SIZES = {"mac": 6, "ipv6": 16, "cidr": 8, "u64": 8, "s64": 8}


@pytest.mark.parametrize("name", [name for name in forms.NAMES if name != "btf"])
def test_every_form_by_its_name(name):
    size = SIZES.get(name, 4)
    for make, part in ((forms.key_form, "key"), (forms.value_form, "value")):
        form = make(info(key=size, value=size), forms.Typing(), forms.Wanted(**{part: name}))
        assert form.encode(form.many(bytes(size))[0][0]) == bytes(size)


def test_auto_is_btf_where_there_is_some(typing):
    assert isinstance(forms.key_form(info(), typing, forms.Wanted()), BtfForm)
    assert forms.value_form(info(), forms.Typing(), forms.Wanted()).many(bytes(4))[0] == ["00 00 00 00"]
    # a map may have types that are older than a change of its sizes
    assert forms.value_form(info(value=8), typing, forms.Wanted()).many(bytes(8))[0] == ["00 00 00 00 00 00 00 00"]


def test_auto_is_what_the_kernel_keeps(typing):
    assert forms.value_form(info(map_types.PROG_ARRAY), typing, forms.Wanted()).many(bytes(4))[0] == [{"id": 0}]
    asked = forms.value_form(info(map_types.PROG_ARRAY), typing, forms.Wanted(value="u32"))
    assert asked.many(bytes(4))[0] == [0]


def test_btf_that_is_not_there(typing):
    with pytest.raises(WrongValue, match="key_format: there is no BTF type for the key: it has none"):
        forms.key_form(info(), forms.Typing(), forms.Wanted(key="btf"))
    typing.value = 0
    with pytest.raises(WrongValue, match="value_format: there is no BTF type for the value"):
        forms.value_form(info(), typing, forms.Wanted(value="btf"))
    with pytest.raises(WrongValue, match=r"value_format: .*EPERM"):
        forms.value_form(info(), forms.Typing(why="EPERM"), forms.Wanted(value="btf"))


def test_types_that_are_damaged_or_of_another_size(typing):
    typing.key = 99
    with pytest.raises(WrongValue, match="key_format: there is no type 99"):
        forms.key_form(info(), typing, forms.Wanted(key="btf"))
    assert forms.key_form(info(), typing, forms.Wanted()).many(bytes(4))[0] == ["00 00 00 00"]
    with pytest.raises(WrongValue, match="value_format: its BTF type has 4 bytes, and there are 8"):
        forms.value_form(info(value=8), typing, forms.Wanted(value="btf"))


def test_a_form_that_does_not_fit_names_its_option():
    with pytest.raises(WrongValue, match="key_format: ipv4 is 4 bytes, and there are 8"):
        forms.key_form(info(key=8), forms.Typing(), forms.Wanted(key="ipv4"))


def test_byte_order():
    form = forms.key_form(info(key=2), forms.Typing(), forms.Wanted(key="u16", byte_order="big"))
    assert form.many(b"\x01\xbb")[0] == [443]
