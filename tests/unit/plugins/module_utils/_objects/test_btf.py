# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, Vanished
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import btf
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

INFO = commands.BPF_OBJ_GET_INFO_BY_FD


def test_kernel_module_and_program_btf(kernel):
    kernel.add_btf(1, blob=b"v" * 5000, name=b"vmlinux", kernel=1)
    kernel.add_btf(2, blob=b"m" * 70, name=b"nf_tables", kernel=1)
    kernel.add_btf(60, blob=b"p" * 700)
    assert [(one.id, one.size, one.name, one.kernel) for one in btf.scan()] == [
        (1, 5000, b"vmlinux", True),
        (2, 70, b"nf_tables", True),
        (60, 700, b"", False),
    ]


def test_a_name_of_an_earlier_object_is_not_carried_over(kernel):
    kernel.add_btf(name=b"a_long_module_name", kernel=1)
    kernel.add_btf(name=b"ab", kernel=1)
    kernel.add_btf()
    assert [one.name for one in btf.scan()] == [b"a_long_module_name", b"ab", b""]


def test_before_5_11_there_is_neither_name_nor_origin(make_kernel):
    kernel = make_kernel("5.4")
    kernel.add_btf(3, blob=b"p" * 80)
    kernel.add_btf(4, blob=b"p" * 90)
    assert [(one.id, one.size, one.name, one.kernel, one.error) for one in btf.scan()] == [
        (3, 80, None, None, None),
        (4, 90, None, None, None),
    ]


def test_before_5_4_btf_cannot_be_listed_but_read(make_kernel):
    kernel = make_kernel("4.18")
    kernel.add_btf(3, blob=b"\x9f\xeb1234")
    with pytest.raises(KernelError) as caught:
        list(btf.scan())
    assert (caught.value.call, caught.value.name) == ("BPF_BTF_GET_NEXT_ID", "EINVAL")
    assert btf.read_blob(3) == b"\x9f\xeb1234"


def test_a_name_too_long_is_an_error_of_that_object_alone(kernel):
    kernel.add_btf(1, name=b"n" * 200, kernel=1)
    kernel.add_btf(2, name=b"fine", kernel=1)
    lost, fine = btf.scan()
    assert (lost.id, lost.size, lost.name, lost.kernel, lost.error.name) == (1, None, None, None, "ENOSPC")
    assert (fine.name, fine.error) == (b"fine", None)


@pytest.mark.parametrize("number", [errno.EPERM, errno.EFAULT, errno.E2BIG, errno.EBADFD])
def test_what_cannot_be_read_keeps_its_id(kernel, number):
    kernel.add_btf(8).info_errno = number
    (found,) = btf.scan()
    assert (found.id, found.size, found.error.errno) == (8, None, number)


@pytest.mark.parametrize("size", [2, 255, 256, 257, 70000])
def test_a_blob_of_any_size_is_read_whole(kernel, size):
    blob = bytes(number % 251 for number in range(size))
    kernel.add_btf(5, blob=blob)
    assert btf.read_blob(5) == blob


def test_a_blob_that_is_gone_is_vanished_and_one_that_is_refused_an_error(kernel):
    with pytest.raises(Vanished):
        btf.read_blob(5)
    kernel.add_btf(5).info_errno = errno.EPERM
    with pytest.raises(KernelError) as caught:
        btf.read_blob(5)
    assert caught.value.name == "EPERM"


def test_a_size_that_changed_meanwhile_invents_no_bytes(kernel):
    found = kernel.add_btf(5, blob=b"12345678")
    blobs = [b"12345678", b"12345678", b"1234"]
    kernel.before(INFO, lambda _call: setattr(found, "blob", blobs.pop(0)))
    assert btf.read_blob(5) == b"1234"


def test_an_old_kernel_is_sent_nothing_behind_its_struct(make_kernel):
    kernel = make_kernel("5.4")
    seen = []
    kernel.before(INFO, lambda call: seen.append(struct.unpack_from("=IIQ", call.attr)[1]))
    kernel.add_btf(blob=b"12")
    (found,) = btf.scan()
    assert found.error is None
    assert set(seen) == {32}
