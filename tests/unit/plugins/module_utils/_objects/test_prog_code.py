# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, prog_code
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

MOVE, EXIT = bytes.fromhex("b700000002000000"), bytes.fromhex("9500000000000000")
TABLE = b"ffff000000001000 T __bpf_call_base\nffff000000001010 T one\nffffffffc0000000 t bpf_prog_0_f\t[bpf]\n"


def read(kernel, number, reader=None):
    with ids.open_id(ids.PROG, number) as fd:
        return (reader or prog_code.Reader()).read(fd.number)


def test_code_and_what_is_beside_it(kernel):
    program = kernel.add_program(30, functions=[17, 18], btf_id=4)
    program.insns, program.addresses = MOVE + EXIT, [0xFFFFFFFFC0000000, 0xFFFFFFFFC0000100]
    program.lines = [struct.pack("=IIII", 0, 5, 9, 12 << 10 | 3)]
    code = read(kernel, 30)
    assert (code.data, code.why, code.btf_id, code.count) == (MOVE + EXIT, "", 4, 2)
    assert code.functions == [(0, 17), (8, 18)]
    assert code.lines == [(0, 5, 9, 12 << 10 | 3)]
    assert code.addresses == [0xFFFFFFFFC0000000, 0xFFFFFFFFC0000100]


@pytest.mark.parametrize("count", [1, 8192, 8193, 100000])
def test_long_programs(kernel, count):
    kernel.add_program(30).insns = MOVE * count
    kernel.add_program(31).insns = EXIT
    reader = prog_code.Reader()
    assert read(kernel, 30, reader).data == MOVE * count
    assert read(kernel, 31, reader).data == EXIT


def test_hidden_addresses(kernel):
    program = kernel.add_program(30, functions=[1, 2, 3])
    program.insns, program.addresses = MOVE + EXIT, None
    code = read(kernel, 30)
    assert (code.addresses, code.count, code.data) == (None, 3, MOVE + EXIT)


def test_hidden_code(kernel):
    program = kernel.add_program(30)
    program.insns, program.insns_hidden = MOVE + EXIT, True
    code = read(kernel, 30)
    assert (code.data, code.why) == (None, "hidden by kptr_restrict")


def test_without_the_right(make_kernel):
    kernel = make_kernel(capable=False)
    kernel.add_program(30).insns = MOVE + EXIT
    code = read(kernel, 30)
    assert (code.data, code.why, code.functions, code.lines, code.count) == (None, "EPERM", [], [], 0)


def test_before_there_was_btf(make_kernel):
    kernel = make_kernel("4.18")
    kernel.add_program(30, functions=[1]).insns = MOVE + EXIT
    code = read(kernel, 30)
    assert (code.data, code.functions, code.lines) == (MOVE + EXIT, [], [])


def test_a_program_that_a_device_runs(kernel):
    program = kernel.add_program(30, ifindex=3, netns_dev=4, netns_ino=5)
    program.insns, program.offloaded = MOVE + EXIT, True
    code = read(kernel, 30)
    assert (code.data, code.functions, code.lines, code.addresses) == (MOVE + EXIT, [], [], None)


def test_errors_are_raised(kernel):
    kernel.add_program(30)
    kernel.fault(commands.BPF_OBJ_GET_INFO_BY_FD, errno.EACCES)
    with pytest.raises(KernelError):
        read(kernel, 30)


@pytest.fixture
def table(monkeypatch):
    """Let the symbol table be some bytes, or an error; return the list of reads."""

    def install(content):
        reads = []

        def read_table():
            reads.append(1)
            if isinstance(content, int):
                raise kernel_error("open /proc/kallsyms", content)
            return content

        monkeypatch.setattr(kallsyms, "read", read_table)
        return reads

    return install


def test_names(table):
    reads = table(TABLE)
    names = prog_code.Names()
    assert reads == []
    assert names.base() == 0xFFFF000000001000
    assert names.find({0xFFFF000000001010, 0xFFFFFFFFC0000000, 5}) == {
        0xFFFF000000001010: "one",
        0xFFFFFFFFC0000000: "bpf_prog_0_f",
    }
    assert (names.hidden, names.why, reads) == (False, None, [1])
    names.forget()
    assert (names.hidden, names.find({0xFFFF000000001010}), reads) == (False, {0xFFFF000000001010: "one"}, [1, 1])


def test_names_that_are_hidden(table):
    table(TABLE.replace(b"ffff000000001000", b"0" * 16).replace(b"ffffffffc0000000", b"0" * 16))
    names = prog_code.Names()
    assert (names.base(), names.find({1, 2}), names.hidden) == (0, {}, True)


def test_a_table_that_cannot_be_read(table):
    table(errno.EACCES)
    names = prog_code.Names()
    assert (names.base(), names.find({1})) == (0, {})
    assert names.why.errno == errno.EACCES
