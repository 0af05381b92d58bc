# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import info, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, layout
from ansible_collections.ebpf.fleet.tests.unit.support.fake_kernel import Conversation

INFO = commands.BPF_OBJ_GET_INFO_BY_FD
YOUNG = {
    "4.18": (),
    "5.0": ("btf_id", "prog_tags"),
    "5.1": ("btf_id", "prog_tags", "run_time_ns", "run_cnt"),
    "5.12": ("btf_id", "prog_tags", "run_time_ns", "run_cnt", "recursion_misses"),
    "5.16": ("btf_id", "prog_tags", "run_time_ns", "run_cnt", "recursion_misses", "verified_insns"),
}
NEWEST = (*YOUNG["5.16"], "attach_btf_id")


def arrays():
    return (
        info.Array("map_ids", "nr_map_ids", 4),
        info.Array("prog_tags", "nr_prog_tags", 8),
        info.Array("func_info", "nr_func_info", 8, "func_info_rec_size", capacity=1, whole=False),
    )


def program_call():
    return info.InfoCall(layout.PROG_INFO, layout.PROG_INFO_SIZE, arrays())


def opened(found, kernel):
    kind = {"prog": ids.PROG, "map": ids.MAP}[found.kind]
    return ids.open_id(kind, found.id)


def read(call, found, kernel):
    with opened(found, kernel) as fd:
        return call.read(fd.number)


def test_a_layout_becomes_one_struct_with_its_gaps():
    made = info.compile_layout({"late": (12, "H"), "first": (0, "I"), "text": (5, "3s")})
    assert made.size == 14
    assert made.unpack(struct.pack("=I", 7) + b"_abc____" + struct.pack("=H", 9)) == (7, b"abc", 9)


@pytest.mark.parametrize("fields", [layout.PROG_INFO, layout.MAP_INFO, layout.BTF_INFO])
def test_the_layouts_of_the_kernel_can_be_compiled(fields):
    made = info.compile_layout(fields)
    raw = bytes(range(made.size))
    names = sorted(fields, key=lambda name: fields[name][0])
    told = dict(zip(names, made.unpack(raw)))
    for name, (offset, code) in fields.items():
        assert told[name] == struct.unpack_from("=" + code, raw, offset)[0]


@pytest.mark.parametrize("release", ["4.18", "5.0", "5.1", "5.12", "5.16", "6.0", "6.18"])
def test_every_generation_tells_what_it_has_and_no_more(make_kernel, release):
    kernel = make_kernel(release)
    found = kernel.add_program(
        tag=b"abcdefgh", name=b"filter", btf_id=9, run_time_ns=70, run_cnt=7, recursion_misses=3, verified_insns=55,
        attach_btf_obj_id=1, attach_btf_id=4711, map_ids=[3, 5],
    )  # fmt: skip
    call = program_call()
    told = read(call, found, kernel)
    assert (told.id, told.tag, told.name.rstrip(b"\0")) == (found.id, b"abcdefgh", b"filter")
    assert {name for name in NEWEST if call.has(name)} == set(YOUNG.get(release, NEWEST))
    assert call.known == kernel.sizes["prog"]
    assert told.recursion_misses == (3 if call.has("recursion_misses") else 0)
    assert told.nr_map_ids == 2


def test_an_answer_has_the_fields_that_are_wanted(kernel):
    wanted = ("nr_prog_tags", "nr_map_ids", "run_cnt", "id", "tag")
    call = info.InfoCall(layout.PROG_INFO, layout.PROG_INFO_SIZE, arrays(), wanted)
    found = kernel.add_program(tag=b"abcdefgh", run_cnt=7, map_ids=range(1, 101), functions=[17])
    told = read(call, found, kernel)
    assert told._fields == ("id", "tag", "nr_map_ids", "nr_prog_tags", "run_cnt")
    assert tuple(told) == (found.id, b"abcdefgh", 100, 1, 7)
    assert (call._arrays[0].u32(100), call._arrays[2].u32(2)) == (list(range(1, 101)), [0, 17])


def test_before_the_first_answer_nothing_is_known(kernel):
    assert not program_call().has("id")


def test_the_first_object_costs_one_call_more(kernel):
    first, second = kernel.add_program(), kernel.add_program()
    call = program_call()
    read(call, first, kernel)
    assert kernel.count(INFO) == 2
    read(call, second, kernel)
    assert kernel.count(INFO) == 3


def test_nothing_is_asked_for_behind_the_end_of_an_old_struct(make_kernel):
    """The kernel of 4.18 has no tags: a pointer set in that place would be E2BIG."""
    kernel = make_kernel("4.18")
    call = program_call()
    read(call, kernel.add_program(map_ids=[4]), kernel)
    assert call._arrays[0].u32(1) == [4]


def test_a_pointer_behind_the_end_is_indeed_refused(make_kernel):
    kernel = make_kernel("4.18")
    call = program_call()
    call.known = layout.PROG_INFO_SIZE
    call._first = bytes(layout.PROG_INFO_SIZE)
    call._prepare()
    with pytest.raises(KernelError) as caught:
        read(call, kernel.add_program(), kernel)
    assert caught.value.name == "E2BIG"


def test_the_record_size_is_the_one_the_kernel_told(kernel):
    call = program_call()
    read(call, kernel.add_program(functions=[17, 18]), kernel)
    assert call._arrays[2].u32(2) == [0, 17]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 128, 129, 1000])
def test_any_number_of_maps_is_read_whole(kernel, count):
    call = program_call()
    found = kernel.add_program(map_ids=range(1, count + 1))
    told = read(call, found, kernel)
    assert call._arrays[0].u32(told.nr_map_ids) == list(range(1, count + 1))


def test_a_large_object_does_not_spoil_the_next_small_one(kernel):
    call = program_call()
    read(call, kernel.add_program(map_ids=range(1, 201)), kernel)
    told = read(call, kernel.add_program(map_ids=[7]), kernel)
    assert call._arrays[0].u32(told.nr_map_ids) == [7]


def test_an_array_that_grows_between_the_calls_is_read_again(kernel):
    found = kernel.add_program(map_ids=range(1, 65))
    call = program_call()
    read(call, found, kernel)
    kernel.before(INFO, lambda _call: found.map_ids.append(len(found.map_ids) + 1))
    told = read(call, found, kernel)
    assert told.nr_map_ids > 64
    assert call._arrays[0].u32(told.nr_map_ids) == list(range(1, told.nr_map_ids + 1))


def test_an_array_that_never_stops_growing_is_given_up_without_inventing_numbers(kernel):
    """Five tries; what is there then is a prefix of the real ids, never zeros."""
    found = kernel.add_program(map_ids=range(1, 65))
    call = program_call()
    read(call, found, kernel)
    calls = kernel.count(INFO)
    kernel.before(INFO, lambda _call: found.map_ids.extend(range(len(found.map_ids) + 1, 5 * len(found.map_ids))))
    told = read(call, found, kernel)
    assert kernel.count(INFO) == calls + 5
    assert told.nr_map_ids > call._arrays[0].capacity
    numbers = call._arrays[0].u32(told.nr_map_ids)
    assert 0 < len(numbers) < told.nr_map_ids
    assert numbers == list(range(1, len(numbers) + 1))


def test_only_the_first_functions_are_wanted(kernel):
    call = program_call()
    told = read(call, kernel.add_program(functions=range(50)), kernel)
    assert (told.nr_func_info, call._arrays[2].capacity) == (50, 1)


@pytest.mark.parametrize("count", [1, 64, 100])
def test_data_is_cut_at_the_buffer_s_end(count):
    array = info.Array("prog_tags", "nr_prog_tags", 8, capacity=64)
    assert len(array.data(count)) == min(count, 64) * 8


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EFAULT, errno.EPERM, errno.EINVAL, errno.E2BIG, 524])
def test_a_refusal_is_raised_and_the_next_object_read(kernel, number):
    call = program_call()
    lost, fine = kernel.add_program(), kernel.add_program(map_ids=[1])
    lost.info_errno = number
    with pytest.raises(KernelError) as caught:
        read(call, lost, kernel)
    assert (caught.value.call, caught.value.errno) == ("BPF_OBJ_GET_INFO_BY_FD", number)
    assert read(call, fine, kernel).nr_map_ids == 1


def test_a_closed_descriptor_is_ebadfd_and_a_foreign_one_einval(kernel):
    call = program_call()
    fd = os.open("/dev/null", os.O_RDONLY)
    with pytest.raises(KernelError) as caught:
        call.read(fd)
    assert caught.value.name == "EINVAL"
    os.close(fd)
    with pytest.raises(KernelError) as caught:
        call.read(fd)
    assert caught.value.name == "EBADFD"


def test_every_request_starts_from_zeros(kernel):
    """6.18 reads fields of bpf_map_info, and its padding, before it writes them."""
    call = info.InfoCall(layout.MAP_INFO, layout.MAP_INFO_SIZE)
    found = kernel.add_map(name=b"x" * 15, btf_id=2**32 - 1, map_extra=2**64 - 1, hash=5, hash_size=9)
    for _turn in range(3):
        assert read(call, found, kernel).map_extra == 2**64 - 1


def test_a_kernel_newer_than_our_table_is_read_as_far_as_we_know_it(kernel):
    kernel.sizes["prog"] = 300
    call = program_call()
    read(call, kernel.add_program(), kernel)
    assert call.known == layout.PROG_INFO_SIZE


def test_the_calls_one_by_one(monkeypatch):
    """The length that is asked for, and nothing in the first request but zeros."""
    seen = []

    def answer(length):
        def write(attr, size):
            fd, asked, pointer = struct.unpack_from("=IIQ", attr)
            seen.append((fd, asked, size, pointer != 0))
            struct.pack_into("=I", attr, 4, length)
            return 0

        return write

    call = info.InfoCall(layout.MAP_INFO, layout.MAP_INFO_SIZE)
    with Conversation(monkeypatch, (INFO, answer(80)), (INFO, answer(80)), (INFO, -errno.EBADFD)):
        call.read(5)
        assert call.known == 80
        with pytest.raises(KernelError, match="EBADFD"):
            call.read(5)
    assert seen == [(5, layout.MAP_INFO_SIZE, 16, True)] * 2


def test_the_buffers_are_those_of_the_door():
    call = program_call()
    for buffer in (call._attr, call._buffer, *(array.buffer for array in call._arrays)):
        assert len(buffer) >= len(syscall.new_buffer())


def test_padding_of_an_old_struct_looks_like_the_field_that_came_there_later(make_kernel):
    """5.16 ended behind verified_insns, rounded up to 8 bytes: info_len cannot tell of attach_btf_obj_id (6.0)."""
    kernel = make_kernel("5.16")
    call = program_call()
    read(call, kernel.add_program(), kernel)
    assert call.has("attach_btf_obj_id")
    assert not call.has("attach_btf_id")
