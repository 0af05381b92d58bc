# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import json
import random

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module import facts, settings
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, link_types, map_types, prog_types
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

NEXT = {
    "programs": commands.BPF_PROG_GET_NEXT_ID,
    "maps": commands.BPF_MAP_GET_NEXT_ID,
    "links": commands.BPF_LINK_GET_NEXT_ID,
    "btfs": commands.BPF_BTF_GET_NEXT_ID,
}
ALL = set(facts.SUBSETS)
NOUNS = {"schema", "unavailable", "programs", "maps", "links", "btfs", "pins", "sysctls", "memlock", "kernel"}


@pytest.fixture
def host(bpffs, proc, kernel, monkeypatch):
    """A host with one program and one map; its settings are planted, since the tests do not run on it."""
    bpffs.add(b"/bpf/m", kernel.add_map(40, name=b"table"))
    proc.write("/proc/self/mountinfo", bpffs.mountinfo())
    proc.write("/proc/sys/kernel/random/boot_id", b"1234\n")
    kernel.add_program(30, name=b"filter", map_ids=[40])
    monkeypatch.setattr(settings, "read_sysctls", lambda: [{"name": "kernel.kptr_restrict", "running": 1}])
    monkeypatch.setattr(
        settings, "read_memlock", lambda pids: {"charged": False, "limits": None if pids is None else []}
    )
    return kernel


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (["all"], ALL),
        ([], ALL),
        (["min"], {"kernel", "sysctls"}),
        (["min", "programs"], {"kernel", "sysctls", "programs"}),
        (["maps"], {"maps"}),
        (["!links"], ALL - {"links"}),
        (["all", "!links", "!btf"], ALL - {"links", "btf"}),
        (["!min"], ALL - {"kernel", "sysctls"}),
        (["!all"], set()),
        # as with ansible.builtin.setup, what is named is gathered whatever is taken away
        (["!all", "pins"], {"pins"}),
        (["pins", "!all"], {"pins"}),
        (["!all", "!min", "programs", "kernel"], {"programs", "kernel"}),
        (["programs", "!programs"], {"programs"}),
        (["all", "!min", "kernel"], ALL - {"sysctls"}),
        # of the two words for many, "!all" takes away what "all" gives, and "!min" the minimum
        (["!all", "min"], {"kernel", "sysctls"}),
        (["all", "!all"], set()),
        (["min", "!min"], set()),
        (["min", "!kernel"], {"sysctls"}),
    ],
)
def test_gather_subset(asked, chosen):
    assert facts.choose(asked) == chosen


def test_everything(host):
    told = facts.gather(ALL)
    assert set(told) == NOUNS
    assert told["programs"] == [
        {
            "id": 30, "type": "socket_filter", "name": "filter", "tag": "0102030405060708", "uid": 0, "jited": True,
            "bytes_xlated": 16, "bytes_jited": 40, "map_ids": [40],
            "loaded_at": told["programs"][0]["loaded_at"],
        }
    ]  # fmt: skip
    assert told["maps"][0]["name"] == "table"
    assert told["pins"][0]["kind"] == "map"
    assert told["kernel"]["boot_id"] == "1234"
    assert (told["schema"], told["unavailable"]) == (1, {})


def test_only_what_was_asked_for_is_read(host):
    told = facts.gather({"kernel", "sysctls"})
    assert set(told) == {"schema", "unavailable", "kernel", "sysctls"}
    assert host.calls == []


@pytest.mark.parametrize("noun", sorted(NEXT))
@pytest.mark.parametrize("number", [errno.EPERM, errno.EINVAL, errno.ENOSYS, 524])
def test_a_noun_that_fails_is_null_with_a_sentence(host, noun, number):
    host.fault(NEXT[noun], number)
    told = facts.gather(ALL)
    assert told[noun] is None
    assert told["unavailable"][noun].startswith("cannot read ")
    assert all(told[other] is not None for other in NOUNS - {noun})


def test_a_host_where_nothing_may_be_read(host, proc):
    host.can_list = False
    proc.errors.update({"/proc": errno.EACCES, "/proc/self/mountinfo": errno.EACCES})
    told = facts.gather(ALL)
    assert {noun for noun in NOUNS if told[noun] is None} == {"programs", "maps", "links", "btfs", "pins"}
    assert set(told["unavailable"]) == {"programs", "maps", "links", "btfs", "pins", "owners"}
    assert told["memlock"] == {"charged": False, "limits": None}


def test_keys_that_the_kernel_did_not_tell_are_named_once(host):
    host.fdinfo_errno = errno.EACCES
    host.capable = False
    told = facts.gather({"programs", "maps"})
    gated = {"programs.jited": "EPERM", "programs.bytes_jited": "EPERM", "programs.bytes_xlated": "EPERM"}
    assert told["unavailable"] == dict(gated, **{"maps.bytes_memlock": "EACCES"})
    assert "bytes_memlock" not in told["maps"][0]


def test_the_module(host, capsys):
    result = run_module(facts.run, capsys, gather_subset=["maps"])
    assert result["changed"] is False
    assert set(result["ansible_facts"]["bpf"]) == {"schema", "unavailable", "maps"}
    assert set(run_module(facts.run, capsys)["ansible_facts"]["bpf"]) == NOUNS


def test_an_unknown_subset(host, capsys):
    assert run_module(facts.run, capsys, gather_subset=["prorgams"])["failed"]
    assert host.calls == []


def busy(host):
    """Fill a host as a node with Cilium and Tetragon has it: 200 programs, 300 maps, 100 links, ids of five digits."""
    choice = random.Random(0)
    programs = ["cil_from_contai", "tail_handle_ipv", "generic_kprobe_", "event_exit_acct", "sd_devices", "restrict_fs"]
    tables = ["cilium_lb4_serv", "cilium_ct4_glob", "tg_conf_map", "execve_map_stat", ".rodata.config", "fdinstall_map"]
    kinds = ["sched_cls", "kprobe", "tracing", "cgroup_skb", "cgroup_sock_addr", "lsm"]
    shapes = ["hash", "array", "lru_hash", "percpu_array", "lpm_trie", "prog_array", "hash_of_maps"]
    for number in range(299):
        host.add_map(
            20000 + 7 * number, type=map_types.NAMES.index(choice.choice(shapes)), btf_id=choice.randrange(1000),
            name=choice.choice(tables).encode(), key_size=choice.randrange(4, 40), value_size=choice.randrange(4, 2000),
            max_entries=choice.randrange(1, 10**6), memlock=choice.randrange(4096, 10**8),
        )  # fmt: skip
    maps = list(host.objects["map"])
    for number in range(199):
        host.add_program(
            50000 + 5 * number, type=prog_types.NAMES.index(choice.choice(kinds)),
            name=choice.choice(programs).encode(), tag=choice.getrandbits(64).to_bytes(8, "big"),
            xlated_prog_len=choice.randrange(8, 30000), jited_prog_len=choice.randrange(1, 20000),
            memlock=choice.randrange(4096, 10**5), map_ids=choice.sample(maps, choice.randrange(1, 12)),
            load_time=choice.randrange(10**15),
        )  # fmt: skip
        if number < 50:
            host.add_link(0, link_types.TRACING, 50000, attach_type=24, target_obj_id=1, target_btf_id=94321, cookie=0)
            host.add_link(0, link_types.CGROUP, 50000, attach_type=10, cgroup_id=12345)
            host.add_btf(blob=b"x" * choice.randrange(10**4))


def test_facts_of_a_busy_host_stay_below_100_kb(host, capsys):
    busy(host)
    told = run_module(facts.run, capsys)["ansible_facts"]["bpf"]
    assert (len(told["programs"]), len(told["maps"]), len(told["links"])) == (200, 300, 100)
    assert all({"id", "type", "name", "tag", "map_ids"} <= set(record) for record in told["programs"])
    sizes = {key: len(json.dumps(value)) for key, value in told.items()}
    assert 80000 < sizes["programs"] + sizes["maps"] < 94000, "settings and processes need some 5 kB more"
    # each link that a host has on top
    assert sizes["links"] < 100 * len(told["links"])
