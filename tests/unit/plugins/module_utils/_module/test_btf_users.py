# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

from ansible_collections.ebpf.fleet.plugins.module_utils._module.btf_users import users_of
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map, prog


def test_programs_and_maps_by_their_btf(kernel):
    kernel.add_program(30, btf_id=60)
    kernel.add_program(31, btf_id=60)
    kernel.add_program(32)
    kernel.add_map(40, btf_id=60)
    kernel.add_map(41, btf_id=1)
    assert users_of(prog.scan()[1], map.scan()[1]) == ({60: [30, 31]}, {60: [40], 1: [41]})


def test_what_could_not_be_read_uses_nothing(kernel):
    kernel.add_program(30, btf_id=60).info_errno = errno.ENODEV
    assert users_of(prog.scan()[1], []) == ({}, {})
