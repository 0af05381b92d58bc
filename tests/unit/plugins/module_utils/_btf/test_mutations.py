# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damage by chance: whatever becomes of BTF, of a file or of a text, the answer is a result or BtfError, and soon.

``make fuzz`` does more of it, with another seed each time: EBPF_FLEET_MUTATIONS and EBPF_FLEET_SEED.
"""

from __future__ import annotations

import json
import os
import random
import time

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import cdump, ctext, detail, elf, fromjson, raw
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.jsonlines import Texts
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.typed import Typed
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder, every_kind

MUTATIONS = int(os.environ.get("EBPF_FLEET_MUTATIONS", "100000"))
SEED = int(os.environ.get("EBPF_FLEET_SEED", "1"))
# Codecs of all types and the C dump take ten times as long as reading the types.
DEEP = 50
VALUE = bytes(range(1, 256))
# numbers that mean something somewhere: kinds, ids, sizes, the ends of ranges
BYTES = (0, 1, 2, 4, 8, 16, 32, 64, 0x7F, 0x80, 0xFF, *range(20))


@pytest.fixture(autouse=True)
def seed():
    """Tell with a failure how to see it again."""
    print(f"EBPF_FLEET_SEED={SEED}")


def mutated(chance, blob):
    """Return a blob with some bytes changed, left out or put in, mostly behind the header."""
    found = bytearray(blob)
    first = 0 if chance.random() < 0.1 else 24
    for _change in range(chance.choice((1, 1, 1, 2, 3, 8))):
        place = chance.randrange(first, len(found))
        found[place] = chance.choice(BYTES) if chance.random() < 0.7 else chance.randrange(256)
    if chance.random() < 0.05:
        place = chance.randrange(len(found))
        found[place : place + chance.randrange(16)] = bytes(chance.randrange(16))
    return bytes(found)


def codecs(spec):
    for type_id in range(spec.count()):
        try:
            typed = Typed(spec, type_id, padding_counts=True)
        except BtfError:
            continue
        if typed.size is None or typed.size > len(VALUE):
            continue
        data = VALUE[: typed.size]
        values, odd = typed.many(data, typed.size)
        texts = list(Texts(typed.decode).many(data, typed.size))
        assert [json.loads(one) for one in texts] == values
        if values and not odd:
            assert typed.encode(values[0]) == data


@pytest.mark.parametrize("order", ["little", "big"])
def test_blobs(order):
    chance = random.Random(SEED)
    blob, start = every_kind(order).blob(), time.process_time()
    told = 0
    for turn in range(MUTATIONS // 2):
        before = time.process_time()
        try:
            spec = Spec(mutated(chance, blob))
            for type_id in detail.own_ids(spec):
                raw.entry(spec, type_id)
            if turn % DEEP == 0:
                codecs(spec)
                cdump.text(spec)
        except BtfError as error:
            told += 1
            assert error.offset is None or error.offset >= 0
        assert time.process_time() - before < 5, "a loop, or nearly"
    assert 0 < told < MUTATIONS // 2
    assert time.process_time() - start < 60 * MUTATIONS / 100000 + 60


def test_splits():
    chance = random.Random(SEED)
    base = Builder()
    base.integer("n", 4)
    base.struct(8, ("a", 1, 0), name="s")
    blob, whole = every_kind(base=base).blob(), base.spec()
    for turn in range(MUTATIONS // 50):
        try:
            spec = Spec(mutated(chance, blob), whole)
            for type_id in detail.own_ids(spec):
                raw.entry(spec, type_id)
            if turn % DEEP == 0:
                codecs(spec)
                cdump.text(spec)
        except BtfError:
            pass


def test_dumps_and_texts():
    chance = random.Random(SEED)
    spec = every_kind().spec()
    dump, text = raw.text(spec).encode(), cdump.text(spec).encode()
    for _turn in range(MUTATIONS // 100):
        for read, source in ((fromjson.blob, dump), (ctext.spec, text)):
            try:
                found = read(mutated(chance, source).decode("utf-8", "replace"))
            except BtfError:
                continue
            codecs(found[0] if isinstance(found, tuple) else Spec(found))


def test_files():
    chance = random.Random(SEED)
    for _turn in range(MUTATIONS // 20):
        data = mutated(chance, elf.MAGIC + bytes((2, 1)) + bytes(200))
        try:
            elf.sections(data)
        except BtfError:
            pass


def test_mutations_reach_every_kind_of_damage():
    """The yardstick itself: most damage is found behind the header, and some blobs stay sound."""
    chance = random.Random(SEED)
    blob, reasons, sound = every_kind().blob(), set(), 0
    for _turn in range(3000):
        try:
            spec = Spec(mutated(chance, blob))
            sound += all(spec.name(type_id) is not None for type_id in detail.own_ids(spec))
        except BtfError as error:
            reasons.add(error.reason.split(" with ")[0].split(" of ")[0])
    assert sound > 100 and len(reasons) >= 5
