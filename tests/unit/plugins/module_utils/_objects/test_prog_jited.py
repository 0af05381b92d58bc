# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, prog_jited
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

FIRST, SECOND = 0xFFFFFFFFC0000000, 0xFFFFFFFFC0000100


def read(number, reader=None):
    with ids.open_id(ids.PROG, number) as fd:
        return (reader or prog_jited.Reader()).read(fd.number)


def test_code_and_what_is_beside_it(kernel):
    tags = [b"\xbb" * 8, b"\xcc" * 8]
    program = kernel.add_program(30, functions=[17, 18], btf_id=4, tag=b"\xaa" * 8, tags=tags, name=b"filter")
    program.image, program.lengths = b"\x55\xc3\x90\xc3", [2, 2]
    program.addresses = [FIRST, SECOND]
    program.lines = [struct.pack("=IIII", 0, 5, 9, 12 << 10 | 3), struct.pack("=IIII", 8, 5, 7, 14 << 10)]
    program.places = [FIRST + 1, SECOND]
    code = read(30)
    assert (code.data, code.why, code.btf_id, code.name) == (b"\x55\xc3\x90\xc3", "", 4, b"filter")
    assert (code.addresses, code.lengths, code.types) == ([FIRST, SECOND], [2, 2], [17, 18])
    assert code.lines == [(FIRST + 1, 5, 9, 12 << 10 | 3), (SECOND, 5, 7, 14 << 10)]
    # the first function is called by the tag of the program
    assert code.tags == [b"\xaa" * 8, b"\xcc" * 8]


@pytest.mark.parametrize("count", [1, 1 << 16, (1 << 16) + 1, 300000])
def test_long_programs(kernel, count):
    kernel.add_program(30).image = b"\x90" * count
    kernel.add_program(31).image = b"\xc3"
    reader = prog_jited.Reader()
    assert read(30, reader).data == b"\x90" * count
    assert read(31, reader).data == b"\xc3"


def test_before_every_function_had_an_address(make_kernel):
    kernel = make_kernel("4.18")
    program = kernel.add_program(30)
    program.image = b"\xc3"
    code = read(30)
    assert (code.data, code.lengths, code.tags, code.types, code.lines) == (b"\xc3", [1], [bytes(range(1, 9))], [], [])


def test_lines_of_another_number_are_left_out(kernel):
    program = kernel.add_program(30, functions=[17])
    program.image, program.lines = b"\xc3", [struct.pack("=IIII", 0, 5, 9, 0)]
    assert read(30).lines == []


def test_hidden_addresses(kernel):
    program = kernel.add_program(30)
    program.image, program.addresses = b"\xc3", None
    code = read(30)
    assert (code.data, code.why, code.addresses) == (None, prog_jited.HIDDEN, None)


def test_a_program_that_is_interpreted(kernel):
    kernel.add_program(30, jited_prog_len=0)
    assert (read(30).data, read(30).why) == (None, prog_jited.NOT_COMPILED)


def test_without_the_right(make_kernel):
    make_kernel(capable=False).add_program(30).image = b"\xc3"
    assert (read(30).data, read(30).why) == (None, "EPERM")


def test_a_program_that_a_device_runs(kernel):
    kernel.add_program(30, ifindex=3, netns_dev=4, netns_ino=5).offloaded = True
    assert (read(30).data, read(30).why) == (None, prog_jited.DEVICE)


def test_errors_are_raised(kernel):
    kernel.add_program(30)
    kernel.fault(commands.BPF_OBJ_GET_INFO_BY_FD, errno.EACCES)
    with pytest.raises(KernelError):
        read(30)
