# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import link_records
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import link, prog
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import link_types


@pytest.fixture(autouse=True)
def one_namespace(monkeypatch):
    monkeypatch.setattr(link_records.device, "device_names", lambda found: {one.id: "eth0" for one in found})


@pytest.mark.parametrize("known", [True, False])
def test_symbols_are_looked_up_only_for_links_that_have_addresses(monkeypatch, kernel, known):
    asked = []

    def find_addresses(wanted):
        asked.append(wanted)
        if not known:
            raise kernel_error("open /proc/kallsyms", errno.EACCES)
        return {4096: ("do_sys_open", None)}

    monkeypatch.setattr(kallsyms, "find_addresses", find_addresses)
    plain = link.Link(5)
    plain.type, plain.fields = link_types.XDP, {"ifindex": 0}
    assert link_records.link_records([plain], {})[0]["id"] == 5
    assert asked == []
    multi = link.Link(6)
    multi.type = link_types.KPROBE_MULTI
    multi.fields = {"count": 1, "flags": 0, "missed": 0, "addrs": [4096], "cookies": [0]}
    (record,) = link_records.link_records([multi], {})
    assert 4096 in asked[0]
    assert record["funcs"][0]["func"] == ("do_sys_open" if known else None)


def test_the_type_of_a_program_or_why_it_is_not_known(kernel):
    kernel.add_program(30, type=26)
    kernel.add_program(31).info_errno = errno.ENODEV
    assert [link_records.type_or_reason(found) for found in prog.scan()[1]] == [26, "ENODEV"]


def test_links_whose_programs_nobody_looked_at():
    tracing = link.Link(5)
    tracing.type, tracing.prog_id = link_types.TRACING, 30
    tracing.fields = {"attach_type": 24, "target_obj_id": 1, "target_btf_id": 9, "cookie": 0}
    assert link_records.link_records([tracing], {30: 26})[0]["prog_type"] == "tracing"
    assert link_records.link_records([tracing], None)[0]["unavailable"] == {"prog_type": "program not read"}
