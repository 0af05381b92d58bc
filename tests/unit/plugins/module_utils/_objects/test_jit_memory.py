# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import jit_memory
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

PAGE = os.sysconf("SC_PAGE_SIZE")


def test_programs_take_whole_pages(kernel):
    assert jit_memory.in_use() == (0, None)
    for size in (1, PAGE, PAGE + 1, 0):
        kernel.add_program(jited_prog_len=size)
    assert jit_memory.in_use() == (4 * PAGE, None)


def test_who_may_not_list_does_not_know(make_kernel):
    make_kernel(can_list=False).add_program()
    assert jit_memory.in_use() == (None, "EPERM")


def test_lengths_that_are_hidden_are_not_zero(make_kernel):
    make_kernel(capable=False).add_program()
    assert jit_memory.in_use() == (None, jit_memory.NO_LENGTH)


def test_a_program_that_cannot_be_read_makes_the_sum_unknown(kernel):
    kernel.add_program()
    kernel.fault(commands.BPF_OBJ_GET_INFO_BY_FD, errno.EACCES)
    assert jit_memory.in_use() == (None, "EACCES")
