# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms, procfs
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import charge

CORE = "ffffffff81000000 T bpf_map_area_alloc"


def strings(*names):
    """A BTF blob with these names; its types are 8 bytes that spell nothing."""
    text = b"\0".join(name.encode() for name in ("", *names, ""))
    return struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, 8, 8, len(text)) + b"\1" * 8 + text


def table(*lines):
    return "".join(line + "\n" for line in lines).encode()


@pytest.fixture
def files(monkeypatch):
    """A fake procfs: path -> bytes or errno; anything else is missing."""
    texts: dict[str, bytes | int] = {}

    def read(path):
        text = texts.get(path, errno.ENOENT)
        if isinstance(text, int):
            raise kernel_error(f"open {path}", text)
        return text

    monkeypatch.setattr(procfs, "load", read)
    monkeypatch.setattr(procfs, "read", read)
    return texts


@pytest.mark.parametrize(
    ("btf", "charged"),
    [
        # 5.3 to 5.10: the struct; the helper may have come by backport
        (["bpf_map", "bpf_map_memory"], True),
        (["bpf_map_memory", "BPF_FUNC_ktime_get_coarse_ns"], True),
        (["__bpf_prog_charge"], True),
        # since 5.11
        (["bpf_map", "BPF_FUNC_ktime_get_coarse_ns"], False),
        (["bpf_map_kmalloc_node"], False),
        (["bpf_map_get_memcg"], False),
        # names are whole
        (["my_bpf_map_memory"], None),
        (["bpf_map_memory_x", "xbpf_map_kmalloc_node"], None),
        (["bpf_map"], None),
    ],
)
def test_types_tell_whether_the_kernel_charges(btf, charged):
    found = charge.judge_btf(strings(*btf))
    assert (found and found.charged) is charged


@pytest.mark.parametrize("btf", [b"", b"\x9f\xeb\1\0", b"\xff" * 40])
def test_a_blob_that_is_no_btf_tells_nothing(btf):
    assert charge.judge_btf(btf) is None


def test_names_are_looked_for_behind_the_types():
    blob = strings("bpf_map_kmalloc_node").replace(b"\1" * 8, b"\0bpf_ma\0")
    assert charge.judge_btf(blob).charged is False
    moved = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, 16, 16, 1) + b"\0bpf_map_memory\0" + b"\0"
    assert charge.judge_btf(moved) is None


@pytest.mark.parametrize(
    ("symbols", "charged"),
    [
        # 4.18 to 5.2, 5.3 to 5.10, since 5.11, no BPF, and a table that does not show BPF's core
        (["bpf_map_area_alloc", "__bpf_prog_charge", "bpf_map_precharge_memlock"], True),
        (["bpf_map_area_alloc", "__bpf_prog_charge", "bpf_map_charge_init"], True),
        (["bpf_map_charge_memlock"], True),
        (["bpf_map_area_alloc"], False),
        ([], None),
    ],
)
def test_symbols_tell_whether_the_kernel_charges(symbols, charged):
    found = charge.judge_symbols(symbols)
    assert (found and found.charged) is charged


def test_types_are_asked_first(files):
    files[charge.BTF_PATH] = strings("bpf_map_kmalloc_node")
    assert charge.read() == charge.Charge(False, "the kernel's BTF has bpf_map_kmalloc_node and not bpf_map_memory")


def test_symbols_are_asked_where_there_are_no_types(files):
    files[kallsyms.PATH] = table(CORE, "ffffffff81000010 T __bpf_prog_charge")
    assert charge.read() == charge.Charge(True, "kallsyms has __bpf_prog_charge")


def test_symbols_are_asked_where_types_do_not_tell(files):
    files.update({charge.BTF_PATH: strings("bpf_map"), kallsyms.PATH: table(CORE)})
    assert charge.read().charged is False


def test_hidden_addresses_tell_as_much(files):
    files[kallsyms.PATH] = table("0000000000000000 T bpf_map_area_alloc", "0000000000000000 T __bpf_prog_charge")
    assert charge.read().charged is True


@pytest.mark.parametrize(
    ("planted", "evidence"),
    [
        ({}, "the kernel's BTF cannot be read (ENOENT), and kallsyms cannot be read (ENOENT)"),
        ({charge.BTF_PATH: errno.EACCES, kallsyms.PATH: table("0 T main")}, "(EACCES), and kallsyms shows no"),
        (
            {charge.BTF_PATH: strings("bpf_map"), kallsyms.PATH: errno.EPERM},
            "does not tell, and kallsyms cannot be read",
        ),
    ],
)
def test_unknown_is_an_answer(files, planted, evidence):
    files.update(planted)
    told = charge.read()
    assert told.charged is None
    assert evidence in told.evidence


def test_the_real_kernel_gives_the_same_answer_by_types_and_by_symbols():
    answers = set()
    for source, judge in (
        (charge.BTF_PATH, lambda: charge.judge_btf(procfs.read(charge.BTF_PATH))),
        (kallsyms.PATH, lambda: charge.judge_symbols(kallsyms.find_names(charge._CHARGING + (charge._CORE,)))),
    ):
        if os.path.exists(source) and (found := judge()):
            answers.add(found.charged)
    if not answers:
        pytest.skip("this kernel has neither BTF nor symbols")
    assert answers == {charge.read().charged}
