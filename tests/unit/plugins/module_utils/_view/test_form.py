# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._view import forms
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form import Form, cut, sized, text_of
from ansible_collections.ebpf.fleet.plugins.module_utils._view.form_text import hexadecimal


def upper(size, **options):
    def show(data, stride):
        return [data[at : at + size].decode().upper() for at in range(0, len(data), stride)]

    return Form(size, show, lambda value, field: value.lower().encode(), **options)


def test_values_at_a_distance():
    assert upper(2).many(b"abXXcdXX", 4) == (["AB", "CD"], {})
    assert upper(2).many(b"abcd") == (["AB", "CD"], {})


def test_bytes_that_the_values_do_not_lead_back_to():
    form = upper(2, odd=lambda item: item.isupper())
    assert form.many(b"abCDef") == (["AB", "CD", "EF"], {1: b"CD"})


def test_texts_are_there_where_no_value_has_to_be_looked_at():
    assert upper(2, quote='"%s"').texts(b"abcd") == (["AB", "CD"], True)
    assert upper(2).texts(b"abcd") == (None, False)
    assert upper(2, quote='"%s"', odd=bytes.isupper).texts(b"abcd") == (None, False)


def test_a_column_is_the_whole_value():
    assert upper(2).column("", b"abcd") == ["AB", "CD"]
    with pytest.raises(WrongValue, match="port: is no part of it"):
        upper(2).column("port", b"abcd")


@pytest.mark.parametrize("value", [37230, True, 1.5, None, ["a"]])
def test_what_is_no_text_has_to_be_quoted(value):
    with pytest.raises(WrongValue, match=r"key: .* is .* and not text: quote it"):
        text_of(value, "key", "'x'")


def test_sizes():
    assert sized(b"ab", 2, "key") == b"ab"
    with pytest.raises(WrongValue, match="key: 2 bytes, but there have to be 3"):
        sized(b"ab", 3, "key")


def test_many_values_at_once():
    form = hexadecimal(2)
    assert form.encode_many(["0a 66", "FF 00"]) == [b"\x0a\x66", b"\xff\0"]
    assert form.encode_many(["0a66", "ff:00"]) == [b"\x0a\x66", b"\xff\0"]
    # a byte too many here and one too few there
    for values in (["0a 66 00", "ff"], ["0a66ff", "00   "], ["0a 66", 5], ["0a 6", "6 00 "]):
        with pytest.raises(WrongValue):
            form.encode_many(values)
    number = forms.key_form(SimpleNamespace(key_size=2), forms.Typing(), forms.Wanted("u16", byte_order="big"))
    assert number.encode_many([1, 258]) == [b"\0\1", b"\1\2"]
    assert number.encode_many([1, "0x102"]) == [b"\0\1", b"\1\2"]
    for values in ([1, True], [1, 70000]):
        with pytest.raises(WrongValue):
            number.encode_many(values)


def test_a_form_without_fields_gives_all_of_a_value():
    assert hexadecimal(2).part("0a 66", "value", b"\xff\xff") == (b"\x0a\x66", b"\xff\xff", [])
    with pytest.raises(WrongValue, match="only values with BTF have fields"):
        hexadecimal(2).bits("packets")


def test_items_are_cut():
    assert cut(b"aabbcc", 2) == [b"aa", b"bb", b"cc"]
