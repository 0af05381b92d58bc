# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError, Vanished
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.probe import NO, UNKNOWN, YES
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import btf, ids, link, map, prog
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_flags
from ansible_collections.ebpf.fleet.tests.unit.support.fake_kernel import Conversation

KINDS = pytest.mark.parametrize("kind", [ids.PROG, ids.MAP, ids.LINK, ids.BTF], ids=lambda kind: kind.name)


def fill(kernel, kind, *numbers):
    add = {"prog": kernel.add_program, "map": kernel.add_map, "link": kernel.add_link, "btf": kernel.add_btf}
    return [add[kind.name](number) for number in numbers]


def number_of(number, _fd):
    return number


def is_open(fd):
    return os.path.lexists(f"/proc/self/fd/{fd}")


@KINDS
def test_ids_come_in_ascending_order(kernel, kind):
    fill(kernel, kind, 70, 3, 2**31 - 2, 15)
    assert list(ids.walk(kind)) == [3, 15, 70, 2**31 - 2]
    assert list(ids.walk(kind, 15)) == [70, 2**31 - 2]


@KINDS
def test_no_object_is_an_empty_walk(kernel, kind):
    assert list(ids.walk(kind)) == []
    assert list(ids.scan(kind, number_of)) == []


@KINDS
@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.EPERM, Denied), (errno.EINVAL, KernelError), (errno.ENOSYS, KernelError), (524, KernelError)],
)
def test_a_refused_walk_is_an_error(kernel, kind, number, error):
    kernel.fault(kind.next_command, number)
    with pytest.raises(error) as caught:
        list(ids.walk(kind))
    assert caught.value.call == commands.COMMAND_NAMES[kind.next_command]
    assert caught.value.errno == number
    with pytest.raises(error):
        list(ids.scan(kind, number_of))


def test_without_cap_sys_admin_nothing_is_listed(make_kernel):
    kernel = make_kernel(can_list=False)
    kernel.add_program()
    with pytest.raises(Denied):
        list(ids.walk(ids.PROG))
    with pytest.raises(Denied):
        ids.open_id(ids.PROG, 1)


@pytest.mark.parametrize(
    ("release", "listed"),
    [("4.18", {"prog", "map"}), ("5.4", {"prog", "map", "btf"}), ("5.8", {"prog", "map", "btf", "link"})],
)
def test_old_kernels_do_not_list_everything(make_kernel, release, listed):
    make_kernel(release)
    for kind in (ids.PROG, ids.MAP, ids.LINK, ids.BTF):
        assert kind.listing().outcome == (YES if kind.name in listed else NO)
        if kind.name not in listed:
            with pytest.raises(KernelError) as caught:
                list(ids.walk(kind))
            assert caught.value.errno == errno.EINVAL


def test_who_may_not_list_cannot_tell_whether_the_kernel_could(make_kernel):
    make_kernel(can_list=False)
    assert ids.LINK.listing().outcome == UNKNOWN


@KINDS
def test_an_object_is_opened_by_its_id(kernel, kind):
    fill(kernel, kind, 5)
    with ids.open_id(kind, 5) as fd:
        assert kernel.object_of(fd.number).id == 5
    with pytest.raises(Vanished):
        ids.open_id(kind, 6)


def test_maps_are_opened_for_reading_only_and_nothing_else_takes_flags(monkeypatch):
    seen = []

    def answer(attr, size):
        seen.append(struct.unpack_from("=III", attr))
        return -errno.ENOENT

    with Conversation(monkeypatch, *((kind.open_command, answer) for kind in (ids.PROG, ids.MAP, ids.LINK, ids.BTF))):
        for kind in (ids.PROG, ids.MAP, ids.LINK, ids.BTF):
            with pytest.raises(Vanished):
                ids.open_id(kind, 9)
    assert seen == [(9, 0, 0), (9, 0, map_flags.F_RDONLY), (9, 0, 0), (9, 0, 0)]


@KINDS
def test_every_object_is_open_while_it_is_read_and_closed_after(kernel, kind):
    fill(kernel, kind, 1, 2, 3)
    seen = []

    def read(number, fd):
        assert kernel.object_of(fd).id == number
        seen.append(fd)
        return number

    for number in ids.scan(kind, read):
        assert is_open(seen[-1]), number
        assert len({fd for fd in seen if is_open(fd)}) == 1
    assert len(seen) == 3


def test_the_talk_with_the_kernel_call_by_call(monkeypatch):
    def next_id(number):
        def answer(attr, size):
            assert size == 8
            struct.pack_into("=I", attr, 4, number)
            return 0

        return answer

    script = [
        (commands.BPF_PROG_GET_NEXT_ID, next_id(4)),
        (commands.BPF_PROG_GET_FD_BY_ID, lambda attr, size: os.open("/dev/null", os.O_RDONLY)),
        (commands.BPF_PROG_GET_NEXT_ID, next_id(9)),
        (commands.BPF_PROG_GET_FD_BY_ID, -errno.ENOENT),
        (commands.BPF_PROG_GET_NEXT_ID, -errno.ENOENT),
    ]
    with Conversation(monkeypatch, *script):
        assert list(ids.scan(ids.PROG, number_of)) == [4]


@KINDS
def test_what_vanishes_between_id_and_descriptor_is_left_out(kernel, kind):
    first, second, third = fill(kernel, kind, 1, 2, 3)
    kernel.before(kind.open_command, lambda _call: kernel.remove(second), when=lambda call: call.number == 2)
    assert list(ids.scan(kind, number_of)) == [1, 3]
    assert (first.id, third.id) == (1, 3)


def test_a_link_that_has_not_settled_is_left_out(kernel):
    fill(kernel, ids.LINK, 1, 2, 3)
    kernel.fault(ids.LINK.open_command, errno.EAGAIN, when=lambda call: call.number == 2)
    assert list(ids.scan(ids.LINK, number_of)) == [1, 3]


@KINDS
@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES])
def test_an_object_that_is_kept_from_us_is_there_with_its_error(kernel, kind, number):
    noun = {ids.PROG: prog.Program, ids.MAP: map.Map, ids.LINK: link.Link, ids.BTF: btf.Btf}[kind]
    fill(kernel, kind, 1, 2, 3)
    kernel.fault(kind.open_command, number, when=lambda call: call.number == 2)
    first, second, third = ids.scan(kind, number_of, noun)
    assert (first, second.id, third) == (1, 2, 3)
    assert (type(second), second.error.errno, second.error.__traceback__) == (noun, number, None)


def test_what_appears_meanwhile_is_found(kernel):
    fill(kernel, ids.MAP, 1)
    kernel.before(ids.MAP.open_command, lambda _call: fill(kernel, ids.MAP, 8), when=lambda call: call.number == 1)
    assert list(ids.scan(ids.MAP, number_of)) == [1, 8]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.EMFILE, errno.ENOMEM])
def test_any_other_refusal_to_open_is_an_error(kernel, number):
    fill(kernel, ids.MAP, 1, 2)
    kernel.fault(ids.MAP.open_command, number, when=lambda call: call.number == 2)
    scan = ids.scan(ids.MAP, number_of)
    assert next(scan) == 1
    with pytest.raises(KernelError) as caught:
        next(scan)
    assert caught.value.errno == number


@KINDS
def test_a_read_that_fails_leaves_no_descriptor(kernel, kind):
    """The fixture compares /proc/self/fd of before and after."""
    fill(kernel, kind, 1, 2, 3)

    def read(number, fd):
        if number == 2:
            raise ZeroDivisionError
        return number

    with pytest.raises(ZeroDivisionError):
        list(ids.scan(kind, read))


def test_a_scan_that_is_left_early_leaves_no_descriptor(kernel):
    fill(kernel, ids.PROG, 1, 2, 3)
    for number in ids.scan(ids.PROG, number_of):
        if number == 2:
            break


@KINDS
def test_in_a_row_the_next_id_is_opened_without_asking_for_it(kernel, kind):
    fill(kernel, kind, *range(1, 21))
    assert list(ids.scan(kind, number_of)) == list(range(1, 21))
    assert kernel.count(kind.next_command) == 4 + 1  # what made it a row, and its end
    assert kernel.count(kind.open_command) == 20 + 1


@KINDS
def test_short_rows_are_asked_for_one_by_one(kernel, kind):
    numbers = [10 * row + place for row in range(1, 6) for place in range(4)]
    fill(kernel, kind, *numbers)
    assert list(ids.scan(kind, number_of)) == numbers
    assert kernel.count(kind.next_command) == len(numbers) + 1
    assert kernel.count(kind.open_command) == len(numbers)


@KINDS
def test_behind_the_end_of_a_row_the_walk_goes_on(kernel, kind):
    numbers = [*range(3, 12), 14, *range(20, 30), 2**31 - 2]
    fill(kernel, kind, *numbers)
    assert list(ids.scan(kind, number_of)) == numbers


@KINDS
def test_what_vanishes_out_of_a_row_is_left_out(kernel, kind):
    objects = fill(kernel, kind, *range(1, 21))
    kernel.before(kind.open_command, lambda _call: kernel.remove(objects[14]), when=lambda call: call.number == 15)
    assert list(ids.scan(kind, number_of)) == [number for number in range(1, 21) if number != 15]


def test_a_link_of_a_row_that_has_not_settled_is_left_out(kernel):
    fill(kernel, ids.LINK, *range(1, 21))
    kernel.fault(ids.LINK.open_command, errno.EAGAIN, when=lambda call: call.number == 15)
    assert list(ids.scan(ids.LINK, number_of)) == [number for number in range(1, 21) if number != 15]


@KINDS
@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES])
def test_an_object_of_a_row_that_is_kept_from_us_is_there_with_its_error(kernel, kind, number):
    fill(kernel, kind, *range(1, 21))
    kernel.fault(kind.open_command, number, when=lambda call: call.number == 15)
    found = list(ids.scan(kind, number_of, prog.Program))
    assert (found[14].id, found[14].error.errno) == (15, number)
    assert found[:14] + found[15:] == [*range(1, 15), *range(16, 21)]


def test_where_guessing_is_refused_nothing_is_made_up(kernel):
    """The refusal of an id that nobody has, behind a row, is not an object."""
    fill(kernel, ids.PROG, *range(1, 11))
    kernel.fault(ids.PROG.open_command, errno.EPERM, when=lambda call: call.number == 11)
    assert list(ids.scan(ids.PROG, number_of, prog.Program)) == list(range(1, 11))


@pytest.mark.parametrize("number", [errno.EPERM, errno.EMFILE, errno.ENOMEM])
def test_any_other_refusal_in_a_row_is_an_error(kernel, number):
    fill(kernel, ids.MAP, *range(1, 21))
    kernel.fault(ids.MAP.open_command, number, when=lambda call: call.number == 15)
    scan = ids.scan(ids.MAP, number_of)
    assert [next(scan) for _turn in range(14)] == list(range(1, 15))
    with pytest.raises(KernelError) as caught:
        next(scan)
    assert caught.value.errno == number


def test_a_row_that_is_left_early_leaves_no_descriptor(kernel):
    """The fixture compares /proc/self/fd of before and after."""
    fill(kernel, ids.PROG, *range(1, 21))
    for number in ids.scan(ids.PROG, number_of):
        if number == 15:
            break
