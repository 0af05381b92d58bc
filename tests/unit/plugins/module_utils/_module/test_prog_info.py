# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_info, programs
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands


def test_the_column_is_read_where_it_is_asked_for(kernel):
    kernel.add_program(5)
    assert "identity" not in prog_info.read()[0]
    assert prog_info.read() == programs.read()
    before = kernel.count(commands.BPF_OBJ_GET_INFO_BY_FD)
    assert set(prog_info.read(None, ["identity"])[0]) == set(programs.read()[0]) | {"identity"}
    assert kernel.count(commands.BPF_OBJ_GET_INFO_BY_FD) > before + 4


def test_the_other_columns(kernel, bpffs):
    kernel.add_program(5)
    assert prog_info.read(None, ["pinned"])[0]["pinned"] == []
    assert set(prog_info.INCLUDE) == {*programs.INCLUDE, "identity"}
