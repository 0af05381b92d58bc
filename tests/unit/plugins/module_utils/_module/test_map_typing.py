# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
from types import SimpleNamespace

from ansible_collections.ebpf.fleet.plugins.module_utils._module import map_typing
from ansible_collections.ebpf.fleet.plugins.module_utils._view.forms import Typing
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder


def info(**fields):
    return SimpleNamespace(
        **dict({"btf_id": 0, "btf_key_type_id": 1, "btf_value_type_id": 1, "btf_vmlinux_value_type_id": 0,
                "btf_vmlinux_id": 0}, **fields)
    )  # fmt: skip


def blob(name="int"):
    made = Builder()
    made.integer(name)
    return made.blob()


def test_the_types_of_a_map(kernel):
    kernel.add_btf(9, blob("counter"))
    found = map_typing.read(info(btf_id=9))
    assert (found.spec.name(found.key), found.value) == ("counter", 1)


def test_a_map_without(kernel):
    assert map_typing.read(info()).spec is None
    assert map_typing.read(info()).why == "it has none"


def test_what_is_in_the_way(kernel):
    kernel.add_btf(9, b"no BTF at all")
    assert "its BTF is damaged" in map_typing.read(info(btf_id=9)).why
    kernel.fault(19, errno.EPERM)
    assert map_typing.read(info(btf_id=9)).why == "its BTF cannot be read (EPERM)"


def test_types_of_the_kernel_and_of_a_module(kernel, monkeypatch):
    monkeypatch.setattr(map_typing.procfs, "read", {"/sys/kernel/btf/vmlinux": blob("kernels")}.__getitem__)
    found = map_typing.read(info(btf_vmlinux_value_type_id=1))
    assert (found.key, found.spec.name(found.value)) == (0, "kernels")
    kernel.add_btf(3, blob(), name=b"vmlinux", kernel=1)
    assert map_typing.read(info(btf_vmlinux_value_type_id=1, btf_vmlinux_id=3)).spec.name(1) == "kernels"
    base = Builder()
    base.integer("kernels")
    split = Builder(base=base)
    own = split.integer("modules")
    kernel.add_btf(4, split.blob(), name=b"tcp_bbr", kernel=1)
    found = map_typing.read(info(btf_vmlinux_value_type_id=own, btf_vmlinux_id=4))
    assert found.spec.name(found.value) == "modules"


def test_the_bytes_that_are_the_kernels():
    made = Builder()
    word = made.integer("u32", 4, 0)
    lock = made.struct(4, ("val", word, 0), name="bpf_spin_lock")
    guarded = made.struct(8, ("lock", lock, 0), ("count", word, 32))
    spec, info = made.spec(), SimpleNamespace(value_size=8)
    assert map_typing.owned(info, Typing(spec, word, guarded)) == b"\xff" * 4 + bytes(4)
    assert map_typing.owned(info, Typing(spec, word, word)) == b""
    assert map_typing.owned(info, Typing()) == b""
    assert map_typing.owned(info, Typing(spec, word, 99)) == b""
