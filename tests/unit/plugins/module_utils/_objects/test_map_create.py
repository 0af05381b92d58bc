# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import ctext
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.excerpt import excerpt
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied, KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_create
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import attr_layout, commands, map_types
from ansible_collections.ebpf.fleet.tests.unit.support.fake_maker import FakeMaker

PLAIN = map_create.Shape(map_types.HASH, 4, 8, 16, 1, 0, b"name", b"", 0, 0, 0)


@pytest.fixture
def maker(kernel, monkeypatch):
    return FakeMaker(kernel).install(monkeypatch)


def test_every_field_has_its_place(maker, kernel):
    with map_create.create(PLAIN._replace(map_extra=7, numa_node=1)):
        pass
    (made,) = maker.made
    assert set(made) <= set(attr_layout.MAP_CREATE)
    told = {name: value for name, value in made.items() if value}
    assert told.pop("map_name").rstrip(b"\0") == b"name"
    numbers = {"map_type": 1, "key_size": 4, "value_size": 8, "max_entries": 16, "map_flags": 1}
    assert told == dict(numbers, map_extra=7, numa_node=1)


def test_a_kernel_that_does_not_know_map_extra_is_not_told_of_it(maker, kernel):
    map_create.create(PLAIN).close()
    assert [call.size for call in kernel.calls] == [64]


def test_types_are_loaded_and_let_go(maker, kernel):
    blob, (number,) = excerpt(*[one if not isinstance(one, int) else [one] for one in ctext.spec("struct { int a; }")])
    before = len(os.listdir("/proc/self/fd"))
    with map_create.create(PLAIN._replace(btf=blob, key_type=number, value_type=number)):
        assert len(os.listdir("/proc/self/fd")) == before + 1
    assert kernel.objects["btf"][1].blob == blob
    assert kernel.objects["map"][1].info["btf_value_type_id"] == number


def test_what_maps_within_are_made_like(maker):
    with map_create.create(PLAIN) as inner:
        map_create.create(PLAIN._replace(type=map_types.HASH_OF_MAPS), inner).close()
        assert maker.made[1]["inner_map_fd"] == inner.number


def test_frozen(maker, kernel):
    with map_create.create(PLAIN) as fd:
        map_create.freeze(fd)
        assert kernel.objects["map"][1].frozen == 1
        with pytest.raises(KernelError) as caught:
            map_create.freeze(fd)
    assert (caught.value.call, caught.value.errno) == ("BPF_MAP_FREEZE", errno.EPERM)


@pytest.mark.parametrize(("field", "call"), [("create_errno", "BPF_MAP_CREATE"), ("load_errno", "BPF_BTF_LOAD")])
def test_refusals_leave_nothing_open(maker, field, call):
    setattr(maker, field, errno.EINVAL)
    with pytest.raises(KernelError) as caught:
        map_create.create(PLAIN._replace(btf=b"\x9f\xeb", key_type=1, value_type=1))
    assert caught.value.call == call
    assert commands.COMMAND_NAMES[commands.BPF_MAP_FREEZE] == "BPF_MAP_FREEZE"


def test_types_that_the_kernel_refuses_are_explained_by_its_log(maker, kernel):
    maker.load_errno, maker.log = errno.EINVAL, b"magic: 0xeb9f\n[1] INT int size=4\n[2] STRUCT s Invalid member\n"
    typed = PLAIN._replace(btf=b"\x9f\xeb", key_type=1, value_type=1)
    with pytest.raises(map_create.TypesRefused) as caught:
        map_create.create(typed)
    assert (caught.value.last_line, caught.value.errno) == ("[2] STRUCT s Invalid member", errno.EINVAL)
    assert caught.value.log.startswith("magic: 0xeb9f\n") and [call.size for call in kernel.calls] == [20, 28]
    maker.load_errno = errno.EPERM
    with pytest.raises(Denied):
        map_create.create(typed)
    assert [call.size for call in kernel.calls] == [20, 28, 20]
