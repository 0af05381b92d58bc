# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.encode import MAX_SIZE, Encoder
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError, WrongValue
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def encoder(builder, type_id):
    """Compile the encoder of a type after it was added."""
    return Encoder(builder.spec(), type_id)


@pytest.fixture
def pair():
    """A struct with padding between its two members."""
    builder = Builder()
    byte, word = builder.integer("u8", 1, 0), builder.integer("u32", 4, 0)
    return encoder(builder, builder.struct(8, ("a", byte, 0), ("b", word, 32)))


OLD = b"\1\xee\xee\xee\2\0\0\0"


def test_mask_tells_padding(pair):
    assert pair.mask == b"\xff\0\0\0\xff\xff\xff\xff"
    assert pair.padding(OLD) == b"\0\xee\xee\xee\0\0\0\0"


def test_padding_is_kept_on_update(pair):
    assert pair({"a": 5, "b": 6}) == b"\5\0\0\0\6\0\0\0"
    assert pair({"a": 5, "b": 6}, before=OLD) == b"\5\xee\xee\xee\6\0\0\0"


def test_fields_that_are_not_given(pair):
    with pytest.raises(WrongValue, match=r"^value.b: is missing$"):
        pair({"a": 5}, "value")
    assert pair({"a": 5}, unlisted="zero") == b"\5\0\0\0\0\0\0\0"
    assert pair({"a": 5}, unlisted="zero", before=OLD) == b"\5\xee\xee\xee\0\0\0\0"
    assert pair({"a": 5}, unlisted="keep", before=OLD) == b"\5\xee\xee\xee\2\0\0\0"
    with pytest.raises(WrongValue, match=r"^b: is missing, and there is no old value to keep it from"):
        pair({"a": 5}, unlisted="keep")


def test_many_missing_fields_are_counted_out():
    builder = Builder()
    byte = builder.integer("u8", 1, 0)
    encode = encoder(builder, builder.struct(9, *[(f"m{n}", byte, 8 * n) for n in range(9)]))
    with pytest.raises(WrongValue, match=r"^m0, m1, m2, m3, m4, \.\.\.: is missing"):
        encode({})


def test_no_values_are_no_bytes(pair):
    assert pair.many([]) == []


def test_type_without_a_size_takes_any_bytes():
    builder = Builder()
    builder.add(kinds.FWD, "f")
    encode = encoder(builder, 1)
    assert (encode.size, encode("0a 66"), encode.many(["0a", "0b0c"])) == (None, b"\x0a\x66", [b"\x0a", b"\x0b\x0c"])


def test_a_type_that_is_too_long():
    builder = Builder()
    builder.array(builder.integer(), MAX_SIZE // 4 + 1)
    with pytest.raises(BtfError, match="too long to be encoded at byte"):
        encoder(builder, 2)


@pytest.mark.parametrize("order", ["little", "big"])
def test_what_the_compiler_laid_out_comes_back(order):
    spec = Spec(captures.captured(order + ".btf"))
    data = captures.captured(order + ".sample")
    (variable,) = [one for one in range(spec.count()) if spec.kind(one) == kinds.VAR and spec.name(one) == "sample"]
    value, encode = decoder(spec, variable)(data), Encoder(spec, variable)
    assert encode(value) == encode.many([value, value])[1] == data[: encode.size]
