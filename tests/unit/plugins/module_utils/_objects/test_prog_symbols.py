# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, prog_symbols

FIRST, SECOND = b"\xaa" * 8, b"\xbb" * 8
HIGH = 0xFFFFFFFFC0000000


def scan():
    reader = prog_symbols.Reader()
    return list(ids.scan(ids.PROG, reader.read, prog_symbols.Compiled))


def test_functions_of_a_program(kernel):
    program = kernel.add_program(30, functions=[2, 5], tags=[FIRST, SECOND], name=b"one", btf_id=4)
    program.addresses, program.lengths = [HIGH, HIGH + 64], [40, 20]
    (found,) = scan()
    assert (found.addresses, found.lengths, found.tags) == ([HIGH, HIGH + 64], [40, 20], [FIRST, SECOND])
    assert (found.types, found.info.btf_id, found.told, found.compiled) == ([2, 5], 4, True, True)


def test_arrays_grow_with_the_program(kernel):
    program = kernel.add_program(30, tags=[FIRST] * 200)
    program.addresses, program.lengths = [HIGH + number for number in range(200)], list(range(200))
    (found,) = scan()
    assert found.addresses == program.addresses and found.lengths == program.lengths and len(found.tags) == 200


def test_hidden_addresses_leave_the_tags(kernel):
    kernel.add_program(30, tags=[FIRST]).addresses = None
    (found,) = scan()
    assert (found.addresses, found.lengths, found.tags, found.compiled) == (None, [], [FIRST], True)


def test_a_program_that_is_interpreted_has_nothing(kernel):
    kernel.add_program(30, jited_prog_len=0)
    (found,) = scan()
    assert (found.addresses, found.tags, found.told, found.compiled) == ([], [], True, False)


def test_before_linux_5_there_is_one_tag(make_kernel):
    make_kernel("4.18").add_program(30, tag=FIRST)
    (found,) = scan()
    assert (found.tags, found.types, found.compiled) == ([FIRST], [], True)


@pytest.mark.parametrize("what", ["without the right", "on a device"])
def test_a_program_that_is_not_told(make_kernel, what):
    kernel = make_kernel(capable=what != "without the right")
    kernel.add_program(30, ifindex=3, netns_dev=1, netns_ino=1).offloaded = what == "on a device"
    (found,) = scan()
    assert (found.addresses, found.told, found.compiled, found.error) == ([], False, False, None)


def test_an_error_is_kept(kernel):
    kernel.add_program(30).info_errno = errno.ENODEV
    (found,) = scan()
    assert found.error.name == "ENODEV" and found.info is None
