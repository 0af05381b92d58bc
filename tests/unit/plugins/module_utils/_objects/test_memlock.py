# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import pwd
import resource
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms, procfs, rlimit
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import memlock

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
    found = memlock.judge_btf(strings(*btf))
    assert (found and found.charged) is charged


@pytest.mark.parametrize("btf", [b"", b"\x9f\xeb\1\0", b"\xff" * 40])
def test_a_blob_that_is_no_btf_tells_nothing(btf):
    assert memlock.judge_btf(btf) is None


def test_names_are_looked_for_behind_the_types():
    blob = strings("bpf_map_kmalloc_node").replace(b"\1" * 8, b"\0bpf_ma\0")
    assert memlock.judge_btf(blob).charged is False
    moved = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, 16, 16, 1) + b"\0bpf_map_memory\0" + b"\0"
    assert memlock.judge_btf(moved) is None


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
    found = memlock.judge_symbols(symbols)
    assert (found and found.charged) is charged


def test_types_are_asked_first(files):
    files[memlock.BTF_PATH] = strings("bpf_map_kmalloc_node")
    assert memlock.charge() == memlock.Charge(False, "the kernel's BTF has bpf_map_kmalloc_node and not bpf_map_memory")


def test_symbols_are_asked_where_there_are_no_types(files):
    files[kallsyms.PATH] = table(CORE, "ffffffff81000010 T __bpf_prog_charge")
    assert memlock.charge() == memlock.Charge(True, "kallsyms has __bpf_prog_charge")


def test_symbols_are_asked_where_types_do_not_tell(files):
    files.update({memlock.BTF_PATH: strings("bpf_map"), kallsyms.PATH: table(CORE)})
    assert memlock.charge().charged is False


def test_hidden_addresses_tell_as_much(files):
    files[kallsyms.PATH] = table("0000000000000000 T bpf_map_area_alloc", "0000000000000000 T __bpf_prog_charge")
    assert memlock.charge().charged is True


@pytest.mark.parametrize(
    ("planted", "evidence"),
    [
        ({}, "the kernel's BTF cannot be read (ENOENT), and kallsyms cannot be read (ENOENT)"),
        ({memlock.BTF_PATH: errno.EACCES, kallsyms.PATH: table("0 T main")}, "(EACCES), and kallsyms shows no"),
        (
            {memlock.BTF_PATH: strings("bpf_map"), kallsyms.PATH: errno.EPERM},
            "does not tell, and kallsyms cannot be read",
        ),
    ],
)
def test_unknown_is_an_answer(files, planted, evidence):
    files.update(planted)
    charge = memlock.charge()
    assert charge.charged is None
    assert evidence in charge.evidence


def test_the_real_kernel_gives_the_same_answer_by_types_and_by_symbols():
    answers = set()
    for source, judge in (
        (memlock.BTF_PATH, lambda: memlock.judge_btf(procfs.read(memlock.BTF_PATH))),
        (kallsyms.PATH, lambda: memlock.judge_symbols(kallsyms.find_names(memlock._CHARGING + (memlock._CORE,)))),
    ):
        if os.path.exists(source) and (found := judge()):
            answers.add(found.charged)
    if not answers:
        pytest.skip("this kernel has neither BTF nor symbols")
    assert answers == {memlock.charge().charged}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0::/system.slice/falco.service\n", "falco.service"),
        ("0::/system.slice/falco.service/payload\n", "falco.service"),
        ("0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n", "user@1000.service"),
        ("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-ab.scope\n", "cri-containerd-ab.scope"),
        ("9:name=systemd:/system.slice/old.service\n1:cpu:/\n0::/elsewhere\n", "old.service"),
        ("9:name=systemd:/\n0::/system.slice/a.service\n", None),
        ("0::/init.scope\n", "init.scope"),
        ("0::/\n", None),
        ("0::/../system.slice\n", None),
        ("4:memory:/docker/1234\n", None),
        ("", None),
    ],
)
def test_the_unit_is_told_by_the_cgroup(text, unit):
    assert memlock.parse_unit(text.encode()) == unit


def plant(files, pid, **texts):
    names = {
        "comm": b"agent\n",
        "cgroup": b"0::/system.slice/a.service\n",
        "status": b"Name:\tagent\nUid:\t0\t5\t5\t5\n",
    }
    files.update({f"/proc/{pid}/{name}": text for name, text in {**names, **texts}.items()})


def test_limits_are_sorted_and_tell_who_holds_them(files, monkeypatch):
    plant(files, 30)
    plant(files, 4, comm=b"b\xff\n", cgroup=b"0::/\n", status=b"Name:\tx\nUid:\t4294967290\t0\t0\t0\n")
    monkeypatch.setattr(rlimit, "memlock", {30: (65536, -1), 4: (-1, -1)}.get)
    assert memlock.limits([30, 4, 30]) == [
        memlock.Limit(4, "b\\xff", None, "4294967290", -1, -1, {}),
        memlock.Limit(30, "agent", "a.service", pwd.getpwuid(0).pw_name, 65536, -1, {}),
    ]


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
@pytest.mark.parametrize("gone", ["comm", "cgroup", "status"])
def test_a_process_that_ends_while_it_is_read_is_left_out(files, monkeypatch, gone, number):
    plant(files, 30, **{gone: number})
    plant(files, 31)
    monkeypatch.setattr(rlimit, "memlock", lambda pid: (1, 2))
    assert [limit.pid for limit in memlock.limits([30, 31])] == [31]


def test_what_is_refused_is_unknown_with_its_reason(files, monkeypatch):
    def refuse(pid):
        raise kernel_error("prlimit", errno.EPERM)

    plant(files, 30, cgroup=errno.EACCES)
    monkeypatch.setattr(rlimit, "memlock", refuse)
    (limit,) = memlock.limits([30])
    assert (limit.soft, limit.hard, limit.unit, limit.comm) == (None, None, None, "agent")
    assert limit.unavailable == {"soft": "EPERM", "hard": "EPERM", "unit": "EACCES"}


def test_the_real_limits_are_those_of_this_process():
    (limit,) = memlock.limits([os.getpid(), 2**22 + 1])
    own = tuple(
        -1 if value == resource.RLIM_INFINITY else value for value in resource.getrlimit(resource.RLIMIT_MEMLOCK)
    )
    with open("/proc/self/comm", encoding="utf-8") as handle:
        assert limit.comm == handle.read().rstrip("\n")
    assert (limit.pid, limit.soft, limit.hard, limit.unavailable) == (os.getpid(), *own, {})
