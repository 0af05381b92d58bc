# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter.bpf_decode import FilterModule

bpf_decode = FilterModule().filters()["bpf_decode"]
FLOW = "struct { __u8 address[4]; __u16 port; } __packed"
VALUE = {"address": [10, 0, 0, 1], "port": 80}


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ("0a 00 00 01 50 00", {}),
        ("0a0000015000", {}),
        (["0x0a", "0x00", "0x00", "0x01", "0x50", "0x00"], {}),
        ([10, 0, 0, 1, 80, 0], {}),
        (b"\x0a\0\0\1\x50\0", {}),
        ("CgAAAVAA", {"encoding": "base64"}),
        ("0a 00 00 01 00 50", {"byte_order": "big"}),
    ],
)
def test_forms_of_bytes(value, options) -> None:
    assert bpf_decode(value, FLOW, **options) == VALUE


def test_many() -> None:
    assert bpf_decode("01 00 02 00", "__u16", many=True) == bpf_decode("01 00 02 00", "__u16", many="yes") == [1, 2]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("00", "1 bytes, but the type has 6"),
        ("x", "is no text of hexadecimal bytes"),
        (10, "quote them"),
        ([256], "numbers from 0 to 255"),
        (["x"], "numbers from 0 to 255"),
    ],
)
def test_what_are_no_bytes(value, reason) -> None:
    with pytest.raises(AnsibleFilterError, match=f"^bpf_decode: .*{reason}"):
        bpf_decode(value, FLOW)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"type": "struct {"}, "line 1, column 9 of the type"),
        ({"type": True}, "a type is a name, an id or C text"),
        ({"type": "__u8", "byte_order": "middle"}, "byte_order is little or big"),
    ],
)
def test_what_is_no_type(options, reason) -> None:
    with pytest.raises(AnsibleFilterError, match=reason):
        bpf_decode("00", **options)
