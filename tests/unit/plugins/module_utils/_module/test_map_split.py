# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_split
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_types


def inner(number):
    return struct.pack("=I", number)


@pytest.fixture
def used(kernel):
    kernel.add_map(10)
    kernel.add_map(11, type=map_types.HASH_OF_MAPS, value_size=4, entries={b"\1\0\0\0": inner(10)}, name=b"outer")
    kernel.add_map(12, type=map_types.ARRAY_OF_MAPS, value_size=4, entries={inner(0): inner(99), inner(1): inner(0)})
    kernel.add_program(5, type=6, name=b"user", map_ids=[10, 11])
    kernel.add_program(6, type=6, name=b"other", map_ids=[11])
    return kernel


def test_users(used):
    told = map_split.users(10)
    assert [one["id"] for one in told["programs"]] == [5] and [one["id"] for one in told["maps"]] == [11]
    assert told["programs"][0] == {"id": 5, "type": "xdp", "name": "user"}
    assert map_split.words(told) == "programs 5 (xdp user) and maps 11 (hash_of_maps outer)"
    assert map_split.words(map_split.users(12)) == ""


def test_many_are_not_all_named():
    split = {"programs": [{"id": one, "type": "xdp", "name": "x"} for one in range(12)], "maps": []}
    assert map_split.words(split).endswith("9 (xdp x) and 2 more")


def test_one_of_the_maps_within(used):
    assert map_split.any_inner(11) == 10 and map_split.any_inner(12) == 99
    used.add_map(13, type=map_types.HASH_OF_MAPS, value_size=4)
    assert map_split.any_inner(13) is None


def test_a_map_that_has_gone(used):
    used.fault(commands.BPF_MAP_GET_FD_BY_ID, errno.ENOENT)
    assert map_split.any_inner(11) is None


def test_a_program_that_cannot_be_read_may_use_it(used):
    used.objects["prog"][6].info_errno = errno.EPERM
    with pytest.raises(map_split.CannotTell, match="maps of program 6"):
        map_split.users(10)
