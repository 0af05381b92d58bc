# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Properties: what was built is read back, and damage is BtfError, never another exception and never a loop."""

from __future__ import annotations

import json
import time

import pytest

pytest.importorskip("hypothesis", reason="hypothesis is not installed")

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.jsonlines import Texts
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.metadata import metadata
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.typed import Typed
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.value import decoder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures, random_types
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder

ORDERS = st.sampled_from(["little", "big"])
VALUE = bytes(range(256)) * 2
QUESTIONS = ("kind", "name", "type", "resolve", "func_name", "integer", "array", "members", "constants", "variables")


def decode_any(spec, type_id, data):
    return decoder(spec, type_id)(data)


def encode_any(spec, type_id, data):
    typed = Typed(spec, type_id)
    values, odd = typed.many(data[: typed.size], typed.size)
    assert odd or not typed.size or typed.same(typed.encode(values[0]), data[: typed.size])
    return values


def survives(blob, base=None):
    """Ask everything of every type; return how many answers were BtfError. Anything else raised fails the test."""
    start = time.process_time()
    try:
        spec = Spec(blob, base)
    except BtfError:
        return 1
    refused = 0
    # Ids that a damaged blob lost are asked for too.
    for type_id in range(len(blob) // 12 + 2):
        for question in QUESTIONS:
            try:
                answer = getattr(spec, question)(type_id)
                if question in ("members", "constants", "variables"):
                    list(answer)
            except BtfError:
                refused += 1
        for decode in (decode_any, metadata, encode_any):
            try:
                json.dumps(decode(spec, type_id, VALUE), allow_nan=False)
            except BtfError:
                refused += 1
    # Milliseconds of CPU, normally; a circle would be for ever, and a number of 4 GB takes ten seconds.
    assert time.process_time() - start < 2
    return refused


def test_whole_blobs_are_refused_nothing_but_what_is_no_value():
    # The yardstick itself: on a sound blob only questions to the wrong kind are refused.
    spec = Spec(captures.captured("little.btf"))
    for type_id in range(spec.count()):
        assert spec.name(type_id) is not None
        decoder(spec, type_id)
    assert survives(captures.captured("little.btf")) > 0


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes(data):
    survives(data)


@given(ORDERS, st.binary(max_size=240), st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_random_sections_behind_a_sound_header(order, types, strings):
    builder = Builder(order)
    builder.types, builder.strings = types[: len(types) // 4 * 4], strings
    survives(builder.blob())


# Kinds and ids that exist, so that chance comes further than the first type.
WORD = st.one_of(st.integers(0, 12), st.integers(0, 0xFFFFFFFF), st.sampled_from([32, 64, 8 << 24, 0x05000003]))
TYPE = st.tuples(
    st.integers(1, 19), st.integers(0, 1), st.integers(0, 3), st.integers(0, 14), st.lists(WORD, min_size=9, max_size=9)
)


@given(ORDERS, st.lists(TYPE, min_size=1, max_size=12))
@settings(max_examples=500, deadline=None)
def test_sound_types_that_make_no_sense(order, types):
    builder = Builder(order)
    names = [builder.string("bpf_metadata_x"), builder.string("char"), 0]
    for kind, flag, vlen, size, words in types:
        fixed, each = kinds.WORDS[kind]
        words = [names[0], *words] if each else words
        builder.add(kind, "bpf_metadata_x", size, vlen, flag, words[: fixed + each * vlen])
    spec = builder.spec()
    assert spec.count() == len(types) + 1
    survives(builder.blob())


@given(
    st.sampled_from(["little.btf", "big.btf"]),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=8),
)
@settings(max_examples=150, deadline=None)
def test_captured_blobs_with_flipped_bytes(name, changes):
    blob = bytearray(captures.captured(name))
    for place, byte in changes:
        blob[place % len(blob)] = byte
    survives(bytes(blob))


@given(st.sampled_from(["little.btf", "big.btf"]), st.integers(0, 1 << 16))
@settings(max_examples=100, deadline=None)
def test_captured_blobs_cut_off(name, length):
    blob = captures.captured(name)
    assert survives(blob[: length % len(blob)]) > 0


@given(st.binary(max_size=120))
@settings(max_examples=100, deadline=None)
def test_damaged_split(types):
    base = Builder()
    base.integer()
    base.struct(8, ("a", 1, 0), ("b", 1, 32), name="s")
    builder = Builder(base=base)
    builder.types, builder.strings = types[: len(types) // 4 * 4], b"own\0"
    survives(builder.blob(), base.spec())


@st.composite
def typed_values(draw, builder, depth=0):
    """Build a random type; return (id, bytes, what has to be decoded)."""
    choice = draw(st.sampled_from(["integer", "array", "struct"] if depth < 3 else ["integer"]))
    if choice == "integer":
        size, signed = draw(st.sampled_from([1, 2, 4, 8, 16])), draw(st.booleans())
        low = -(1 << 8 * size - 1) if signed else 0
        number = draw(st.integers(low, low + (1 << 8 * size) - 1))
        type_id = builder.integer("n", size, kinds.SIGNED if signed else 0)
        return type_id, number.to_bytes(size, builder.order, signed=signed), number
    type_id, data, value = draw(typed_values(builder, depth + 1))
    if choice == "array":
        count = draw(st.integers(1, 3))
        return builder.array(type_id, count), data * count, [value] * count
    members, image, record = [], b"", {}
    for number in range(draw(st.integers(1, 4))):
        image += b"\xaa" * draw(st.integers(0, 3))
        members.append((f"m{number}", type_id, 8 * len(image)))
        image += data
        record[f"m{number}"] = value
        type_id, data, value = draw(typed_values(builder, depth + 1))
    return builder.struct(len(image), *members), image, record


@given(st.data(), ORDERS)
@settings(max_examples=200, deadline=None)
def test_values_come_back(data, order):
    builder = Builder(order)
    type_id, image, value = data.draw(typed_values(builder))
    assert decoder(builder.spec(), type_id)(image) == value


@given(st.data(), ORDERS, st.integers(1, 3), st.integers(0, 5), st.booleans())
@settings(max_examples=400, deadline=None)
def test_what_is_read_can_be_written(data, order, count, gap, padding_counts):
    builder = Builder(order)
    type_id, size = data.draw(random_types.types(builder))
    if not size:
        return
    stride = size + gap
    image = data.draw(st.binary(min_size=stride * count, max_size=stride * count))
    typed = Typed(builder.spec(), type_id, padding_counts)
    values, odd = typed.many(image, stride)
    assert list(Texts(typed.decode).many(image, stride)) == [json.dumps(one, separators=(",", ":")) for one in values]
    for number, value in enumerate(json.loads(json.dumps(values))):
        was = image[number * stride :][:size]
        assert typed.decode(was) == value
        if number in odd:
            assert odd[number] == was
            continue
        again = typed.encode(value)
        assert typed.encode.many([value]) == [again]
        assert again == was if padding_counts else typed.encode(value, before=was) == was
        if isinstance(value, dict):
            assert typed.encode({}, unlisted="keep", before=was) == was


@given(ORDERS, st.lists(st.tuples(st.integers(1, 64), st.booleans(), st.integers(0)), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_bitfields_come_back(order, fields):
    builder = Builder(order)
    types = {signed: builder.integer("n", 8, int(signed)) for signed in (False, True)}
    total = 8 * -(-sum(bits for bits, _signed, _number in fields) // 8)
    image, start, members, expected = 0, 0, [], {}
    for place, (bits, signed, number) in enumerate(fields):
        raw = number % (1 << bits)
        image |= raw << (start if order == "little" else total - start - bits)
        members.append((f"b{place}", types[signed], start, bits))
        expected[f"b{place}"] = raw - (1 << bits) if signed and raw >> (bits - 1) else raw
        start += bits
    type_id = builder.struct(total // 8, *members, flag=1)
    assert decoder(builder.spec(), type_id)(image.to_bytes(total // 8, order)) == expected
