# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import btf
from ansible_collections.ebpf.fleet.plugins.module_utils._view import btf as view


def only(kernel):
    (found,) = btf.scan()
    return found


def test_a_btf_object_and_its_users(kernel):
    kernel.add_btf(60, blob=b"p" * 700)
    record = view.record(only(kernel), ({60: [4, 7], 61: [9]}, {}))
    assert record == {"id": 60, "size": 700, "kernel": False, "name": "", "prog_ids": [4, 7], "map_ids": []}
    assert tuple(record) == view.KEYS


def test_the_kernel_s_own(kernel):
    kernel.add_btf(1, name=b"vmlinux", kernel=1)
    record = view.record(only(kernel), ({}, {}))
    assert (record["name"], record["kernel"]) == ("vmlinux", True)


def test_before_5_11_name_and_origin_are_unknown(make_kernel):
    kernel = make_kernel("5.4")
    kernel.add_btf(60, blob=b"12")
    record = view.record(only(kernel), ({}, {}))
    assert (record["name"], record["kernel"], record["size"]) == (None, None, 2)
    assert record["unavailable"] == {"name": "unsupported", "kernel": "unsupported"}


def test_users_that_nobody_could_list(kernel):
    kernel.add_btf(60)
    record = view.record(only(kernel), None, "EPERM")
    assert (record["prog_ids"], record["map_ids"]) == (None, None)
    assert record["unavailable"] == {"prog_ids": "EPERM", "map_ids": "EPERM"}


def test_what_cannot_be_read(kernel):
    kernel.add_btf(60).info_errno = errno.EPERM
    record = view.record(only(kernel), ({60: [4]}, {}))
    assert record["id"] == 60
    assert record["unavailable"] == dict.fromkeys(set(view.KEYS) - {"id"}, "EPERM")


def test_hostile_module_names(kernel):
    kernel.add_btf(60, name=b"\xff\n\x1b[31m", kernel=1)
    assert view.record(only(kernel), ({}, {}))["name"] == "\\xff\n\x1b[31m"
