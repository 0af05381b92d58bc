# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_elements import Elements
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_shape import Shape
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types


@pytest.fixture
def elements(kernel):
    kernel.add_map(5, entries={b"aaaa": b"11111111", b"bbbb": b"22222222"})
    with ids.open_id(ids.MAP, 5) as fd:
        yield Elements(fd.number, Shape(4, 8, 8, (), 8))


def test_lookup(elements):
    assert elements.lookup(b"bbbb") == b"22222222"
    assert elements.lookup(b"cccc") is None


def test_keys_in_turn(elements):
    assert elements.next_key(None) == b"aaaa"
    assert elements.next_key(b"aaaa") == b"bbbb"
    assert elements.next_key(b"bbbb") is None
    assert elements.next_key(b"gone") == b"aaaa"


def test_a_refusal_is_an_error(elements, kernel):
    kernel.fault(commands.BPF_MAP_LOOKUP_ELEM, 1)
    with pytest.raises(KernelError):
        elements.lookup(b"aaaa")


def test_the_next_of_a_queue_and_a_value_in_a_bloom_filter(kernel):
    kernel.add_map(6, type=map_types.QUEUE, key_size=0, value_size=4).queue = [b"next", b"last"]
    kernel.add_map(7, type=map_types.BLOOM_FILTER, key_size=0, value_size=4).queue = [b"here"]
    with ids.open_id(ids.MAP, 6) as queue, ids.open_id(ids.MAP, 7) as bloom:
        assert Elements(queue.number, Shape(0, 4, 4, (), 4)).lookup(None) == b"next"
        members = Elements(bloom.number, Shape(0, 4, 4, (), 4))
        assert (members.holds(b"here"), members.holds(b"away")) == (True, False)
