# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.image import Image


def test_bits_that_were_written():
    image = Image(4)
    image.write(1, b"\x0f", b"\x0f", "a")
    image.write(1, b"\xa0", b"\xf0", "b")
    assert (bytes(image.data), bytes(image.mask)) == (b"\0\xaf\0\0", b"\0\xff\0\0")
    assert image.merge(b"\1\2\3\4") == b"\1\xaf\3\4"


def test_members_of_a_union_that_agree():
    image = Image(2)
    image.write(0, b"\x12\x34", b"\xff\xff", "whole")
    image.write(1, b"\x34", b"\xff", "low")
    image.write(0, b"\x52", b"\x0f", "bits")
    assert bytes(image.data) == b"\x12\x34"


def test_members_of_a_union_that_do_not():
    image = Image(2)
    image.write(0, b"\x12\x34", b"\xff\xff", "flow.whole")
    with pytest.raises(
        WrongValue, match=r"flow.low: shares bytes with flow.whole, and the two say different"
    ) as caught:
        image.write(1, b"\x35", b"\xff", "flow.low")
    assert caught.value.field == "flow.low"
    assert caught.value.offset is None


def test_what_another_member_gave_is_not_missing():
    image = Image(2)
    image.lack(0, b"\xff", "a")
    image.lack(1, b"\xff", "b")
    image.write(0, b"\1", b"\xff", "c")
    assert image.missing() == ["b"]


def test_a_member_without_bytes_is_never_missing():
    image = Image(0)
    image.lack(0, b"", "none")
    assert image.missing() == []


def test_the_whole_value_has_no_field():
    assert str(WrongValue("", "is wrong")) == "is wrong"
