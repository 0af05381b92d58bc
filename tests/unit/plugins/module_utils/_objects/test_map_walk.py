# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_walk import LostPlace, Walk


class Keys:
    """The keys of a hash: behind one that is not there it begins again. ``meanwhile`` runs before each step."""

    def __init__(self, *keys, meanwhile=lambda keys: None):
        self.keys = list(keys)
        self.meanwhile = meanwhile
        self.steps = 0

    def next_key(self, key):
        self.steps += 1
        self.meanwhile(self.keys)
        place = self.keys.index(key) + 1 if key in self.keys else 0
        return self.keys[place] if place < len(self.keys) else None


def test_every_key_once():
    walk = Walk(Keys(b"a", b"b", b"c"), 8)
    assert list(walk.once()) == [b"a", b"b", b"c"]
    assert walk.complete is True


def test_nothing_is_a_complete_walk():
    walk = Walk(Keys(), 8)
    assert (list(walk.once()), walk.complete) == ([], True)


def test_behind_a_key():
    assert list(Walk(Keys(b"a", b"b", b"c"), 8).once(b"a")) == [b"b", b"c"]
    assert list(Walk(Keys(b"a", b"b", b"c"), 8).once(b"c")) == []


def test_behind_a_key_that_is_gone():
    with pytest.raises(LostPlace):
        list(Walk(Keys(b"a", b"b"), 8).once(b"x"))


def test_who_gets_a_key_may_delete_it():
    keys = Keys(*(bytes([number]) for number in range(50)))
    seen = []
    for key in Walk(keys, 64).once():
        seen.append(key)
        keys.keys.remove(key)
    assert seen == [bytes([number]) for number in range(50)]


def test_a_walk_that_begins_again_tells_no_key_twice():
    gone = [b"c"]
    keys = Keys(b"a", b"b", b"c", b"d", meanwhile=lambda left: left.remove(gone.pop()) if keys.steps == 4 else None)
    walk = Walk(keys, 8)
    assert list(walk.once()) == [b"a", b"b", b"c", b"d"]
    assert walk.complete is True


def test_somebody_who_deletes_and_adds_without_end_does_not_keep_us():
    def churn(keys):
        keys.append(str(next(numbers)).encode())
        del keys[0]

    numbers = iter(range(10**9))
    walk = Walk(Keys(b"a", b"b", b"c", meanwhile=churn), 4)
    assert len(set(walk.once())) <= 2 * 4 + 1024
    assert walk.complete is False


def test_indices_need_no_call():
    keys = Keys()
    walk = Walk(keys, 3)
    assert [struct.unpack("=I", key)[0] for key in walk.indices()] == [0, 1, 2]
    assert (keys.steps, walk.complete) == (0, True)
    assert list(Walk(keys, 3).indices(struct.pack("=I", 1))) == [struct.pack("=I", 2)]
