# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._view import form_address


@pytest.mark.parametrize(("make", "size"), [(form_address.ipv4, 4), (form_address.ipv6, 16)])
@given(data=st.binary(min_size=16, max_size=16))
def test_what_is_read_is_taken_back(make, size, data):
    form = make(size)
    values, odd = form.many(data)
    assert odd == {}
    assert b"".join(map(form.encode, values)) == data


@pytest.mark.parametrize("length", [4, 16])
@given(data=st.binary(min_size=16, max_size=16), prefix=st.integers(0, 128))
def test_keys_of_a_trie_are_taken_back(length, data, prefix):
    form = form_address.cidr(4 + length)
    key = struct.pack("=I", min(prefix, 8 * length)) + data[:length]
    (value,), odd = form.many(key)
    assert odd.get(0, form.encode(value)) == key
    assert form.encode(value) == form_address.canonical(key)
    assert bool(odd) == (form_address.canonical(key) != key)


def test_forms():
    assert form_address.ipv4(4).many(bytes([192, 0, 2, 1, 10, 0, 0, 1]))[0] == ["192.0.2.1", "10.0.0.1"]
    assert form_address.ipv4(4).many(bytes([192, 0, 2, 1, 9, 9, 9, 9]), 8)[0] == ["192.0.2.1"]
    assert form_address.ipv6(16).many(bytes([0x20, 1, 0xD, 0xB8]) + bytes(11) + b"\1")[0] == ["2001:db8::1"]
    key = struct.pack("=I", 8) + bytes([10, 9, 0, 0])
    assert form_address.cidr(8).many(key) == (["10.9.0.0/8"], {0: key})
    assert form_address.cidr(8).many(struct.pack("=I", 8) + bytes([10, 0, 0, 0]), 8) == (["10.0.0.0/8"], {})
    assert form_address.cidr(20).many(struct.pack("=I", 32) + bytes([0x20, 1, 0xD, 0xB8]) + bytes(12))[0] == [
        "2001:db8::/32"
    ]


@pytest.mark.parametrize(
    ("make", "size", "value", "text"),
    [
        (form_address.ipv4, 4, "192.0.2", "no IPv4 address"),
        (form_address.ipv4, 4, "192.0.2.256", "no IPv4 address"),
        (form_address.ipv4, 4, "::1", "no IPv4 address"),
        (form_address.ipv4, 4, 3221225985, "quote it"),
        (form_address.ipv6, 16, "192.0.2.1", "no IPv6 address"),
        (form_address.cidr, 8, "192.0.2.0/33", "no network"),
        (form_address.cidr, 8, "2001:db8::/32", "not IPv4, which the key is for"),
        (form_address.cidr, 20, "192.0.2.0/24", "not IPv6, which the key is for"),
        (form_address.cidr, 8, 10, "quote it"),
    ],
)
def test_what_does_not_fit(make, size, value, text):
    with pytest.raises(WrongValue, match=text) as caught:
        make(size).encode(value, "key")
    assert caught.value.field == "key"


def test_a_prefix_that_no_trie_has_is_told_by_its_bytes():
    key = struct.pack("=I", 33) + bytes(4)
    assert form_address.cidr(8).many(key) == (["0.0.0.0/33"], {0: key})


@pytest.mark.parametrize(
    ("make", "size", "text"),
    [
        (form_address.ipv4, 8, "ipv4 is 4 bytes, and there are 8; cidr is for"),
        (form_address.ipv6, 4, "ipv6 is 16 bytes, and there are 4$"),
        (form_address.cidr, 4, "cidr is for keys of 8 or 20 bytes, and there are 4"),
    ],
)
def test_sizes_that_do_not_fit(make, size, text):
    with pytest.raises(WrongValue, match=text):
        make(size)


def test_host_bits_are_written_as_zeros():
    assert form_address.cidr(8).encode("10.9.9.9/8") == struct.pack("=I", 8) + bytes([10, 0, 0, 0])
    assert form_address.canonical(struct.pack("=I", 0) + bytes([255] * 4)) == bytes(8)
    assert form_address.canonical(struct.pack("=I", 99) + bytes([255] * 4))[4:] == bytes([255] * 4)
