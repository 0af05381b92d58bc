# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import prog
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import layout
from ansible_collections.ebpf.fleet.plugins.module_utils._view import prog as view

BOOT = 1700000000 * 10**9
FULL = {
    "type": 6,
    "tag": b"\x01\x23\x45\x67\x89\xab\xcd\xef",
    "name": b"filter",
    "btf_id": 9,
    "created_by_uid": 1000,
    "load_time": 5 * 10**9,
    "xlated_prog_len": 160,
    "jited_prog_len": 99,
    "run_time_ns": 70,
    "run_cnt": 7,
    "recursion_misses": 3,
    "verified_insns": 55,
    "attach_btf_obj_id": 1,
    "attach_btf_id": 4711,
}


def records():
    reader, found = prog.scan()
    programs = list(found)
    maker = view.View(reader.call.has, BOOT)
    return [maker.record(program) for program in programs]


def test_everything_that_a_new_kernel_tells(kernel):
    kernel.add_program(30, map_ids=[4, 7], tags=[b"a" * 8, b"b" * 8], memlock=12288, functions=[3], **FULL)
    (record,) = records()
    assert record == {
        "id": 30,
        "type": "xdp",
        "name": "filter",
        "full_name": "filter",
        "tag": "0123456789abcdef",
        "gpl_compatible": True,
        "run_time_ns": 70,
        "run_cnt": 7,
        "recursion_misses": 3,
        "dev": None,
        "loaded_at": 1700000005,
        "uid": 1000,
        "orphaned": False,
        "bytes_xlated": 160,
        "jited": True,
        "bytes_jited": 99,
        "bytes_memlock": 12288,
        "map_ids": [4, 7],
        "btf_id": 9,
        "verified_insns": 55,
        "attach_btf_obj_id": 1,
        "attach_btf_id": 4711,
        "prog_tags": ["6161616161616161", "6262626262626262"],
    }
    assert tuple(record) == view.KEYS


def test_zero_is_told_where_it_is_a_number_and_null_where_it_is_no_id(kernel):
    kernel.add_program(created_by_uid=0)
    (record,) = records()
    assert (record["uid"], record["run_cnt"], record["run_time_ns"], record["verified_insns"]) == (0, 0, 0, 0)
    assert (record["btf_id"], record["attach_btf_obj_id"], record["attach_btf_id"]) == (None, None, None)
    assert record["map_ids"] == []
    assert "unavailable" not in record


YOUNG = {
    "4.18": {"btf_id", "prog_tags", "run_time_ns", "run_cnt", "recursion_misses", "verified_insns"},
    "5.0": {"run_time_ns", "run_cnt", "recursion_misses", "verified_insns"},
    "5.1": {"recursion_misses", "verified_insns"},
    "5.12": {"verified_insns"},
    "5.16": set(),
}


@pytest.mark.parametrize("release", sorted(YOUNG))
def test_old_kernels_tell_less_and_nothing_is_invented(make_kernel, release):
    kernel = make_kernel(release)
    kernel.add_program(30, **FULL)
    (record,) = records()
    unknown = YOUNG[release] | {"attach_btf_obj_id", "attach_btf_id"}
    assert record["unavailable"] == dict.fromkeys(unknown, "unsupported")
    assert {key for key, value in record.items() if value is None} == unknown | {"dev"}
    assert tuple(key for key in record if key != "unavailable") == view.KEYS


@pytest.mark.parametrize("bit", [0, 31])
def test_the_gpl_bit_is_where_the_byte_order_puts_it(kernel, monkeypatch, bit):
    monkeypatch.setattr(view, "_GPL_BIT", bit)
    kernel.add_program(gpl_compatible=1 << bit)
    kernel.add_program(gpl_compatible=~(1 << bit) & 0xFFFFFFFF)
    assert [record["gpl_compatible"] for record in records()] == [True, False]
    assert layout.GPL_BIT == {"little": 0, "big": 31}
    assert sys.byteorder in layout.GPL_BIT


def test_a_program_that_is_not_jited(kernel):
    kernel.add_program(jited_prog_len=0)
    (record,) = records()
    assert (record["jited"], record["bytes_jited"]) == (False, 0)


@pytest.mark.parametrize("release", ["4.18", "6.14", "6.18"])
def test_without_cap_bpf_lengths_are_unknown_and_not_zero(make_kernel, release):
    kernel = make_kernel(release, capable=False)
    kernel.add_program(30, map_ids=[4], **FULL)
    (record,) = records()
    gated = {"bytes_xlated", "jited", "bytes_jited"}
    gated |= {"prog_tags", "attach_btf_obj_id", "attach_btf_id"} if release != "4.18" else set()
    gated |= {"btf_id"} if release == "6.14" else set()
    assert {key for key, why in record["unavailable"].items() if why == "EPERM"} == gated
    assert all(record[key] is None for key in gated)
    assert (record["name"], record["full_name"], record["map_ids"]) == ("filter", "filter", [4])
    if release == "4.18":
        assert record["unavailable"]["prog_tags"] == record["unavailable"]["btf_id"] == "unsupported"


@pytest.mark.parametrize(
    ("name", "functions", "capable", "full", "why"),
    [
        (b"fourteen_chars", [], True, "fourteen_chars", None),
        (b"fifteen_chars__", [], True, None, "no BTF"),
        (b"fifteen_chars__", [3], True, "fifteen_chars__", None),
        (b"", [], True, "", None),
        (b"fourteen_chars", [3], False, "fourteen_chars", None),
        (b"fifteen_chars__", [3], False, None, "EPERM"),
        (b"", [3], False, None, "EPERM"),
        # bytes count, not what they are written as
        (b"\xff\xff\xff\xff", [], True, "\\xff\\xff\\xff\\xff", None),
    ],
)
def test_a_name_that_may_be_cut(make_kernel, name, functions, capable, full, why):
    kernel = make_kernel(capable=capable)
    kernel.add_program(name=name, functions=functions)
    (record,) = records()
    assert record["full_name"] == full
    assert record.get("unavailable", {}).get("full_name") == why


@pytest.mark.parametrize(
    ("name", "functions", "needs"),
    [
        (b"fourteen_chars", [3], False),
        (b"fifteen_chars__", [3], True),
        (b"fifteen_chars__", [], False),
        (b"", [3], True),
        (b"", [], False),
    ],
)
def test_which_names_btf_completes(kernel, name, functions, needs):
    kernel.add_program(name=name, functions=functions)
    (found,) = prog.scan()[1]
    assert view.needs_function_name(found) == needs


def test_a_lost_program_needs_no_name(kernel):
    kernel.add_program(functions=[3]).info_errno = errno.ENODEV
    (found,) = prog.scan()[1]
    assert not view.needs_function_name(found)


def test_an_offloaded_program(kernel):
    kernel.add_program(
        name=b"fifteen_chars__", ifindex=3, netns_dev=4, netns_ino=4026531840, btf_id=2, functions=[3]
    ).offloaded = True
    (record,) = records()
    assert record["dev"] == {"ifindex": 3, "ns_dev": 4, "ns_inode": 4026531840, "ifname": None}
    assert record["unavailable"] == {"prog_tags": "unsupported", "full_name": "no BTF"}
    assert (record["orphaned"], record["prog_tags"], record["bytes_xlated"]) == (False, None, 16)


def test_the_btf_of_an_offloaded_program_is_told_late(make_kernel):
    for release, btf_id, why in (("6.14", None, "unsupported"), ("6.15", 2, None)):
        kernel = make_kernel(release)
        kernel.add_program(ifindex=3, netns_dev=4, netns_ino=4026531840, btf_id=2).offloaded = True
        (record,) = records()
        assert (record["btf_id"], record["unavailable"].get("btf_id")) == (btf_id, why)
        # it cannot have any: only programs of tracing are loaded for another object
        assert "attach_btf_id" not in record["unavailable"]


def test_a_program_whose_device_is_gone_is_orphaned(kernel):
    kernel.add_program(30).info_errno = errno.ENODEV
    (record,) = records()
    assert (record["id"], record["orphaned"]) == (30, True)
    assert set(record) == set(view.KEYS) | {"unavailable"}
    assert record["unavailable"] == dict.fromkeys(set(view.KEYS) - {"id", "orphaned"}, "ENODEV")


@pytest.mark.parametrize("number", [errno.EPERM, errno.EFAULT, 524])
def test_a_program_that_cannot_be_read_is_not_orphaned_but_unknown(kernel, number):
    kernel.add_program(30).info_errno = number
    (record,) = records()
    assert (record["orphaned"], record["unavailable"]["orphaned"]) == (None, errno.errorcode.get(number, "ENOTSUPP"))


def test_an_fdinfo_that_cannot_be_read(kernel):
    kernel.add_program()
    kernel.fdinfo_errno = errno.EACCES
    (record,) = records()
    assert (record["bytes_memlock"], record["unavailable"]) == (None, {"bytes_memlock": "EACCES"})


def test_an_fdinfo_without_memlock(kernel):
    kernel.add_program(fdinfo=b"pos:\t0\nflags:\t02000002\nprog_type:\t1\n")
    (record,) = records()
    assert record["unavailable"] == {"bytes_memlock": "unsupported"}


def test_no_fdinfo_was_asked_for(kernel):
    kernel.add_program()
    reader, found = prog.scan(fdinfo=False)
    (program,) = found
    record = view.View(reader.call.has, BOOT).record(program)
    assert (record["bytes_memlock"], record.get("unavailable")) == (None, None)


def test_a_type_that_is_newer_than_our_tables(kernel):
    kernel.add_program(type=4711)
    assert records()[0]["type"] == "4711"


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_no_name_and_no_type_breaks_a_record(name, kind):
    """Without the kernel: hypothesis makes too many of them."""

    class Info:
        def __getattr__(self, field):
            return {"name": name, "type": kind, "tag": b"12345678"}.get(field, 0)

    program = prog.Program(5)
    program.info = Info()
    record = view.View(lambda _field: True, BOOT).record(program)
    assert isinstance(record["type"], str)
    record["name"].encode("utf-8")
