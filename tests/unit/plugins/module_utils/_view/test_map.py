# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map
from ansible_collections.ebpf.fleet.plugins.module_utils._view import map as view


def records(fdinfo=True):
    reader, found = map.scan(fdinfo)
    maps = list(found)
    maker = view.View(reader.call.has)
    return [maker.record(one) for one in maps]


def test_everything_that_a_new_kernel_tells(kernel):
    kernel.add_map(
        7, type=26, name=b"ops", key_size=4, value_size=512, max_entries=1, map_flags=0x2081, btf_id=5,
        btf_key_type_id=6, btf_value_type_id=8, btf_vmlinux_value_type_id=9, btf_vmlinux_id=1, map_extra=3,
        memlock=8192, frozen=1,
    )  # fmt: skip
    (record,) = records()
    assert record == {
        "id": 7,
        "type": "struct_ops",
        "name": "ops",
        "flags": 0x2081,
        "flag_names": ["no_prealloc", "rdonly_prog", "link"],
        "bytes_key": 4,
        "bytes_value": 512,
        "max_entries": 1,
        "bytes_memlock": 8192,
        "owner_prog_type": None,
        "owner_jited": None,
        "frozen": True,
        "dev": None,
        "btf_id": 5,
        "btf_key_type_id": 6,
        "btf_value_type_id": 8,
        "btf_vmlinux_value_type_id": 9,
        "btf_vmlinux_id": 1,
        "map_extra": 3,
    }
    assert tuple(record) == view.KEYS


@pytest.mark.parametrize(
    ("release", "unknown"),
    [("4.18", {"map_extra", "frozen"}), ("5.2", {"map_extra"}), ("5.16", set()), ("6.18", set())],
)
def test_old_kernels_tell_less(make_kernel, release, unknown):
    kernel = make_kernel(release)
    kernel.add_map(map_extra=3, frozen=0)
    (record,) = records()
    assert record.get("unavailable", {}) == dict.fromkeys(unknown, "unsupported")
    assert record["map_extra"] == (None if "map_extra" in unknown else 3)
    assert record["frozen"] is (None if "frozen" in unknown else False)
    assert tuple(key for key in record if key != "unavailable") == view.KEYS


def test_a_kernel_type_without_its_btf_object_is_one_that_the_kernel_does_not_name(make_kernel):
    """5.6 to 6.8: the id of the object lies in what was padding, and info_len covers that."""
    kernel = make_kernel("6.1")
    kernel.add_map(type=26, btf_vmlinux_value_type_id=9)
    kernel.add_map(type=1)
    with_type, plain = records()
    assert (with_type["btf_vmlinux_id"], with_type["unavailable"]) == (None, {"btf_vmlinux_id": "unsupported"})
    assert "unavailable" not in plain


@pytest.mark.parametrize(
    ("owner", "kind", "jited"), [((6, 1), "xdp", True), ((3, 0), "sched_cls", False), ((4711, 1), "4711", True)]
)
def test_the_owner_of_a_program_array(kernel, owner, kind, jited):
    kernel.add_map(type=3, owner=owner)
    (record,) = records()
    assert (record["owner_prog_type"], record["owner_jited"]) == (kind, jited)


def test_fdinfo_that_cannot_be_read_hides_what_only_it_tells(kernel):
    kernel.add_map()
    kernel.fdinfo_errno = errno.EACCES
    (record,) = records()
    hidden = {"bytes_memlock", "owner_prog_type", "owner_jited", "frozen"}
    assert record["unavailable"] == dict.fromkeys(hidden, "EACCES")


def test_no_fdinfo_was_asked_for(kernel):
    kernel.add_map()
    (record,) = records(fdinfo=False)
    assert (record["frozen"], record.get("unavailable")) == (None, None)


def test_an_fdinfo_without_memlock(kernel):
    kernel.add_map(fdinfo=b"pos:\t0\nmap_id:\t1\nfrozen:\t0\n")
    (record,) = records()
    assert (record["bytes_memlock"], record["frozen"]) == (None, False)
    assert record["unavailable"] == {"bytes_memlock": "unsupported"}


def test_a_map_that_cannot_be_read_has_all_keys(kernel):
    kernel.add_map(7).info_errno = errno.EACCES
    (record,) = records()
    assert record["id"] == 7
    assert record["unavailable"] == dict.fromkeys(set(view.KEYS) - {"id"}, "EACCES")


def test_types_flags_and_names_that_nobody_knows(kernel):
    kernel.add_map(type=4711, map_flags=0x80000000, name=b"\xff\n\x1b[31m")
    (record,) = records()
    assert (record["type"], record["flag_names"]) == ("4711", ["0x80000000"])
    assert record["name"] == "\\xff\n\x1b[31m"


def test_a_map_bound_to_a_device(kernel):
    kernel.add_map(ifindex=3, netns_dev=4, netns_ino=5)
    (record,) = records()
    assert record["dev"] == {"ifindex": 3, "ns_dev": 4, "ns_inode": 5, "ifname": None}
