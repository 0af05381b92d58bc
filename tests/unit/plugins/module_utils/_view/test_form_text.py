# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._view import form_text

MAKERS = [form_text.hexadecimal, form_text.base64, form_text.string, form_text.mac]


@pytest.mark.parametrize("make", MAKERS)
@given(data=st.binary(min_size=12, max_size=12), stride=st.sampled_from([6, 12]))
def test_what_is_read_is_taken_back(make, data, stride):
    form = make(6)
    values, odd = form.many(data, stride)
    items = [data[at : at + 6] for at in range(0, 12, stride)]
    assert [odd.get(number, form.encode(value)) for number, value in enumerate(values)] == items
    assert all(form.encode(values[number]) != raw for number, raw in odd.items())


def test_forms():
    data = bytes([0x0A, 0x66, 0, 0, 1, 255])
    assert form_text.hexadecimal(6).many(data)[0] == ["0a 66 00 00 01 ff"]
    assert form_text.hexadecimal(2).many(data)[0] == ["0a 66", "00 00", "01 ff"]
    assert form_text.hexadecimal(0).many(b"")[0] == []
    assert form_text.hexadecimal(2).many(b"")[0] == form_text.hexadecimal(20).many(b"")[0] == []
    assert form_text.mac(6).many(data)[0] == ["0a:66:00:00:01:ff"]
    assert form_text.base64(6).many(data)[0] == ["CmYAAAH/"]
    assert form_text.string(6).many(b"eth0\0\0\xffx\0abc") == (["eth0", "\\xffx"], {1: b"\xffx\0abc"})


@pytest.mark.parametrize("size", [1, 2, form_text._SHORT, form_text._SHORT + 1, 112])
@pytest.mark.parametrize("gap", [0, 4])
@pytest.mark.parametrize("count", [1, 2, 50])
def test_hex_of_any_length(size, gap, count):
    data = bytes(number % 251 for number in range((size + gap) * count))
    items = [data[at : at + size].hex(" ") for at in range(0, len(data), size + gap)]
    assert form_text.hexadecimal(size).many(data, size + gap)[0] == items


@pytest.mark.parametrize("text", ["0a 66", "0a66", "0a:66", "0A 66"])
def test_hex_that_people_write(text):
    assert form_text.hexadecimal(2).encode(text) == b"\x0a\x66"


@pytest.mark.parametrize("text", ["0a:66:00:00:01:ff", "0A-66-00-00-01-FF", "a:66:0:0:1:ff"])
def test_mac_addresses_that_people_write(text):
    assert form_text.mac(6).encode(text) == bytes([0x0A, 0x66, 0, 0, 1, 255])


@pytest.mark.parametrize(
    ("make", "value", "text"),
    [
        (form_text.hexadecimal, "0a 6", "hexadecimal"),
        (form_text.hexadecimal, "0a 66", "2 bytes, but there have to be 6"),
        (form_text.hexadecimal, 10, "quote it"),
        (form_text.mac, 10203040, "quote it"),
        (form_text.mac, "0a:66:00:00:01", "no MAC address"),
        (form_text.mac, "0a:66:00:00:01:100", "no MAC address"),
        (form_text.mac, "0a:66:00:00:01:xx", "no MAC address"),
        (form_text.mac, "0a:66:00:00::ff", "no MAC address"),
        (form_text.base64, "CmYA", "3 bytes, but there have to be 6"),
        (form_text.base64, "CmYAAAH", "not base64"),
        (form_text.base64, "CmYA AAH/", "not base64"),
        (form_text.base64, "\u00e4", "not base64"),
        (form_text.string, "longer than 6", "13 bytes of text, but there is room for 6"),
        (form_text.string, "a\\x00b", "ends with its first NUL"),
        (form_text.string, "\ud800", "characters that no bytes stand for"),
        (form_text.string, 5, "quote it"),
    ],
)
def test_what_does_not_fit(make, value, text):
    with pytest.raises(WrongValue, match=text) as caught:
        make(6).encode(value, "key")
    assert caught.value.field == "key"


def test_a_mac_address_has_six_bytes():
    with pytest.raises(WrongValue, match="mac is for 6 bytes, and there are 8"):
        form_text.mac(8)
