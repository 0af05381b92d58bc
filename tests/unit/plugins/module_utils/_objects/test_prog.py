# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, prog
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, layout

INFO = commands.BPF_OBJ_GET_INFO_BY_FD


def scan(fdinfo=True):
    return list(prog.scan(fdinfo)[1])


def test_programs_with_all_that_stands_beside_the_struct(kernel):
    kernel.add_program(30, name=b"one", map_ids=[7, 9], tags=[b"a" * 8, b"b" * 8], functions=[17, 18], btf_id=4)
    kernel.add_program(31, name=b"two")
    one, two = scan()
    assert (one.id, one.map_ids, one.tags, one.main_type) == (30, [7, 9], b"a" * 8 + b"b" * 8, 17)
    assert (two.id, two.map_ids, two.main_type) == (31, [], 0)
    assert two.tags == two.info.tag
    assert one.info.name.rstrip(b"\0") == b"one"
    assert b"\nprog_id:\t30\n" in one.fdinfo
    assert (one.error, one.fdinfo_error) == (None, None)


def test_fdinfo_is_left_alone_unless_asked_for(kernel):
    kernel.add_program()
    kernel.fdinfo_errno = errno.EACCES
    (found,) = scan(fdinfo=False)
    assert (found.fdinfo, found.fdinfo_error) == (None, None)


def test_an_fdinfo_that_cannot_be_read_spoils_nothing_else(kernel):
    kernel.add_program(name=b"one")
    kernel.fdinfo_errno = errno.EACCES
    (found,) = scan()
    assert found.fdinfo is None
    assert found.fdinfo_error.errno == errno.EACCES
    assert found.info.name.startswith(b"one")


@pytest.mark.parametrize("count", [64, 65, 500])
def test_a_program_with_many_maps_and_functions(kernel, count):
    tags = [bytes([number % 256]) * 8 for number in range(count)]
    kernel.add_program(map_ids=range(1, count + 1), tags=tags, functions=range(1, count + 1))
    kernel.add_program(map_ids=[1])
    many, one = scan()
    assert many.map_ids == list(range(1, count + 1))
    assert many.tags == b"".join(tags)
    assert one.map_ids == [1]


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("number", [errno.ENODEV, errno.EFAULT, errno.EPERM, 524])
def test_a_program_that_cannot_be_read_keeps_its_id_and_its_error(kernel, position, number):
    programs = [kernel.add_program(name=b"p") for _turn in range(3)]
    programs[position].info_errno = number
    found = scan()
    assert [one.id for one in found] == [1, 2, 3]
    assert [one.error and one.error.errno for one in found] == [
        number if place == position else None for place in range(3)
    ]
    assert found[position].info is None


@pytest.mark.parametrize("release", sorted(layout.PROG_INFO_SIZES))
def test_every_generation_of_kernels(make_kernel, release):
    kernel = make_kernel(release)
    kernel.add_program(map_ids=[5], functions=[17], tags=[b"a" * 8])
    reader, found = prog.scan()
    (found,) = found
    young = release != "4.18"
    assert (found.map_ids, found.tags, found.main_type) == ([5], b"a" * 8 if young else b"", 17 if young else 0)
    assert reader.call.has("prog_tags") == young


def test_without_cap_bpf_no_array_is_made_up(make_kernel):
    """The kernel leaves the count of the tags as it was sent and the buffer as it was before."""
    kernel = make_kernel()
    kernel.add_program(tags=[b"x" * 8] * 3, functions=[17])
    kernel.add_program(map_ids=[6], tags=[b"y" * 8], functions=[18])
    kernel.before(INFO, lambda call: setattr(kernel, "capable", call.object.id == 1))
    full, gated = scan()
    assert (full.tags, full.main_type) == (b"x" * 24, 17)
    assert gated.info.xlated_prog_len == 0
    assert (gated.map_ids, gated.tags, gated.main_type) == ([6], b"", 0)


def test_of_an_offloaded_program_no_array_is_made_up(kernel):
    """The kernel fills in the device and leaves early: what follows is as it was sent."""
    kernel.add_program(tags=[b"x" * 8] * 3, functions=[17])
    offloaded = kernel.add_program(ifindex=3, netns_dev=4, netns_ino=4026531840, map_ids=[6], btf_id=2)
    offloaded.offloaded = True
    _full, found = scan()
    assert (found.info.ifindex, found.info.netns_ino) == (3, 4026531840)
    assert (found.map_ids, found.tags, found.main_type) == ([6], b"", 0)


def test_the_id_is_the_one_of_the_object_behind_the_descriptor(kernel):
    """A pin is read without an id at hand."""
    kernel.add_program(12)
    with ids.open_id(ids.PROG, 12) as fd:
        assert prog.Reader(fdinfo=False).read(0, fd.number).id == 12


def test_a_refused_walk_is_raised_while_iterating(make_kernel):
    make_kernel(can_list=False)
    _reader, found = prog.scan()
    with pytest.raises(Denied):
        next(found)
