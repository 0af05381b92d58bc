# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter.bpf_decode import FilterModule as Decode
from ansible_collections.ebpf.fleet.plugins.filter.bpf_encode import FilterModule

bpf_encode = FilterModule().filters()["bpf_encode"]
bpf_decode = Decode().filters()["bpf_decode"]
PAIR = "struct { __u8 a; __u32 b; }"


def test_encodings() -> None:
    value = {"a": "0x01", "b": "2"}
    assert bpf_encode(value, PAIR) == "01 00 00 00 02 00 00 00"
    assert bpf_encode(value, PAIR, byte_order="big") == "01 00 00 00 00 00 00 02"
    assert bpf_encode(value, PAIR, encoding="list") == [1, 0, 0, 0, 2, 0, 0, 0]
    assert bpf_encode(value, PAIR, encoding="base64") == "AQAAAAIAAAA="


def test_fields_that_are_not_given() -> None:
    assert bpf_encode({"a": 1}, PAIR, unlisted_fields="zero") == "01 00 00 00 00 00 00 00"
    old = "05 ee ee ee 02 00 00 00"
    assert bpf_encode({"a": 1}, PAIR, unlisted_fields="keep", before=old) == "01 ee ee ee 02 00 00 00"


def test_there_and_back() -> None:
    text = "enum e { A, B }; struct { char name[8]; enum e e; bool yes; union { __u32 n; __u8 b[4]; }; double d; }"
    value = {"name": "eth0", "e": "B", "yes": True, "n": 1, "b": [1, 0, 0, 0], "d": 0.5}
    assert bpf_decode(bpf_encode(value, text), text) == value


@pytest.mark.parametrize(
    ("value", "options", "reason"),
    [
        ({"a": 256, "b": 1}, {}, "value.a: 256 is out of range, 0 to 255"),
        ({"a": 1}, {}, "value.b: is missing"),
        ({"a": 1, "b": 1, "c": 1}, {}, "value.c: there is no such member; there are a, b"),
        (5, {}, "value: needs a mapping"),
        ({"a": 1}, {"unlisted_fields": "drop"}, "unlisted_fields is one of error, zero, keep"),
        ({"a": 1, "b": 1}, {"encoding": "octal"}, "encoding is one of"),
        ({"a": 1, "b": 1}, {"before": "00"}, "before has 1 bytes, but the type has 8"),
    ],
)
def test_what_does_not_fit(value, options, reason) -> None:
    with pytest.raises(AnsibleFilterError, match=f"^bpf_encode: {reason}"):
        bpf_encode(value, PAIR, **options)
