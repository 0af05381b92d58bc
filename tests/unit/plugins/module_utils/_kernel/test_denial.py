# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import re

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import denial

ALL = (1 << 41) - 1
FREE = denial.Context(
    caps=ALL, initial_userns=True, unprivileged=2, seccomp=0, lockdown="none", lsms=["capability"], memlock=-1
)
NONE = FREE._replace(caps=0)


def without(*names):
    return ALL & ~sum(1 << denial.CAPABILITY_BITS[name] for name in names)


def only(*names):
    return sum(1 << denial.CAPABILITY_BITS[name] for name in names)


@pytest.mark.parametrize(
    ("call", "caps", "names"),
    [
        # the table of rights tried on a real kernel, call by call
        ("BPF_PROG_GET_NEXT_ID", 0, ["CAP_SYS_ADMIN"]),
        ("BPF_PROG_GET_NEXT_ID", only("CAP_BPF"), ["CAP_SYS_ADMIN"]),
        ("BPF_PROG_GET_NEXT_ID", only("CAP_SYS_ADMIN"), []),
        ("BPF_MAP_GET_NEXT_ID", only("CAP_BPF"), ["CAP_SYS_ADMIN"]),
        ("BPF_MAP_GET_FD_BY_ID", only("CAP_BPF", "CAP_PERFMON"), ["CAP_SYS_ADMIN"]),
        ("BPF_BTF_GET_FD_BY_ID", 0, ["CAP_SYS_ADMIN"]),
        ("BPF_LINK_GET_NEXT_ID", 0, ["CAP_SYS_ADMIN"]),
        ("BPF_ENABLE_STATS", only("CAP_BPF"), ["CAP_SYS_ADMIN"]),
        ("BPF_MAP_CREATE", 0, ["CAP_BPF"]),
        ("BPF_MAP_CREATE", only("CAP_BPF"), []),
        ("BPF_MAP_CREATE", only("CAP_SYS_ADMIN"), []),
        ("BPF_PROG_LOAD", only("CAP_NET_ADMIN"), ["CAP_BPF"]),
        ("BPF_PROG_LOAD", only("CAP_BPF"), []),
        ("BPF_PROG_LOAD", only("CAP_SYS_ADMIN"), []),
        ("BPF_PROG_QUERY", 0, ["CAP_NET_ADMIN"]),
        ("BPF_TASK_FD_QUERY", 0, ["CAP_PERFMON"]),
        ("BPF_TASK_FD_QUERY", only("CAP_SYS_ADMIN"), []),
        ("prlimit of process 1", only("CAP_SYS_ADMIN"), ["CAP_SYS_RESOURCE"]),
        ("open /proc/sys/net/core/bpf_jit_harden", 0, ["CAP_SYS_ADMIN"]),
        ("open /dev/kmsg", only("CAP_SYS_ADMIN"), ["CAP_SYSLOG"]),
        ("list /proc/1/fd", 0, ["CAP_SYS_PTRACE"]),
        ("BPF_MAP_GET_NEXT_KEY", 0, []),
        ("BPF_OBJ_GET_INFO_BY_FD", 0, []),
    ],
)
def test_the_missing_capability_is_named(call, caps, names):
    assert denial.missing_capabilities(call, caps) == names


@pytest.mark.parametrize(
    ("call", "caps", "words"),
    [
        # on a real kernel CAP_SYS_ADMIN alone loads a program of any type
        ("BPF_PROG_LOAD", only("CAP_SYS_ADMIN"), "No cause"),
        ("BPF_PROG_LOAD", only("CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"), "No cause"),
        ("BPF_PROG_LOAD", only("CAP_BPF", "CAP_NET_ADMIN"), "Some types also need CAP_PERFMON: add it"),
        ("BPF_PROG_LOAD", only("CAP_BPF"), "Some types also need CAP_NET_ADMIN and CAP_PERFMON: add it"),
        # ... and makes a map of any type, which was forbidden for some before there were tokens
        ("BPF_MAP_CREATE", only("CAP_SYS_ADMIN"), "Before Linux 6.9 some types also need CAP_NET_ADMIN: add it"),
        ("BPF_MAP_CREATE", only("CAP_BPF"), "Some types also need CAP_NET_ADMIN: add it"),
        ("BPF_LINK_CREATE", 0, "Some types also need CAP_NET_ADMIN and CAP_PERFMON: run with become"),
        # what every type needs is named alone
        ("BPF_MAP_CREATE", 0, "The process lacks CAP_BPF [^.]*5.8[^.]*$"),
    ],
)
def test_what_only_some_types_need(call, caps, words):
    context = FREE._replace(caps=caps, lsms=None, unprivileged=0)
    assert re.match(words, denial.hint(call, errno.EPERM, context).rstrip("."))


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"seccomp": 2}, "[Aa] seccomp filter is on"),
        ({"lockdown": "integrity"}, "locked down"),
        ({"memlock": 65536}, "RLIMIT_MEMLOCK"),
        ({"lsms": ["selinux"]}, "SELinux"),
        ({"lsms": ["yama"]}, "yama"),
    ],
)
def test_what_only_some_types_need_comes_behind_other_causes(change, cause):
    sentences = denial.hint("BPF_PROG_LOAD", errno.EPERM, FREE._replace(caps=only("CAP_BPF"), **change))
    assert re.search(cause + ".*[.] Some types also need CAP_NET_ADMIN and CAP_PERFMON: .*[.]$", sentences)
    # they would belie it
    assert "No right is missing" not in sentences
    assert "The capabilities are there" not in sentences
    assert "Some types" not in denial.hint("BPF_PROG_LOAD", errno.EPERM, FREE._replace(**change))


@pytest.mark.parametrize(
    ("call", "number", "context", "words"),
    [
        ("BPF_PROG_GET_NEXT_ID", errno.EPERM, NONE, "CAP_SYS_ADMIN.*become"),
        (
            "BPF_PROG_GET_NEXT_ID",
            errno.EPERM,
            FREE._replace(caps=only("CAP_BPF")),
            "CAP_SYS_ADMIN.*container or service",
        ),
        ("BPF_MAP_CREATE", errno.EPERM, NONE, r"CAP_BPF \(before Linux 5.8.*unprivileged_bpf_disabled=2"),
        ("BPF_MAP_CREATE", errno.EPERM, NONE._replace(unprivileged=1), "unprivileged_bpf_disabled=1"),
        ("BPF_PROG_GET_NEXT_ID", errno.EPERM, NONE._replace(seccomp=2), "CAP_SYS_ADMIN.*seccomp"),
        ("BPF_PROG_GET_NEXT_ID", errno.EPERM, FREE._replace(initial_userns=False), "user namespace.*token"),
        ("BPF_PROG_GET_NEXT_ID", errno.EPERM, FREE._replace(seccomp=2), "seccomp filter.*profile"),
        ("BPF_PROG_LOAD", errno.EPERM, FREE._replace(lockdown="confidentiality"), r"locked down \(mode confid"),
        ("open /sys/kernel/tracing/trace", errno.EPERM, FREE._replace(lockdown="integrity"), "locked down"),
        ("BPF_MAP_CREATE", errno.EPERM, FREE._replace(memlock=65536), "RLIMIT_MEMLOCK.*65536 bytes"),
        ("BPF_PROG_QUERY", errno.EPERM, FREE._replace(memlock=65536, lsms=["bpf", "yama"]), "bpf, yama"),
        ("BPF_MAP_CREATE", errno.EACCES, FREE._replace(memlock=65536, lsms=["selinux"]), "SELinux.*avc"),
        ("BPF_PROG_LOAD", errno.EACCES, FREE, "verifier.*SELinux"),
        ("BPF_MAP_UPDATE_ELEM", errno.EPERM, NONE, "frozen or read-only"),
        ("BPF_MAP_DELETE_BATCH", errno.EPERM, FREE, "frozen or read-only"),
        ("BPF_MAP_LOOKUP_AND_DELETE_ELEM", errno.EPERM, FREE, "read-only"),
        ("BPF_MAP_LOOKUP_ELEM", errno.EPERM, FREE, "write-only"),
        ("BPF_MAP_GET_NEXT_KEY", errno.EPERM, FREE, "write-only"),
        ("BPF_OBJ_GET", errno.EACCES, FREE, "permissions of the pin.*not on a BPF file system"),
        ("BPF_OBJ_GET", errno.EPERM, NONE._replace(unprivileged=2), "CAP_BPF"),
        ("BPF_OBJ_PIN", errno.EPERM, FREE, "not on a BPF file system.*dot"),
        ("BPF_OBJ_PIN", errno.EACCES, FREE, "permissions of the directory"),
        ("mount", errno.EPERM, NONE, "CAP_SYS_ADMIN"),
        ("open /proc/sys/net/core/bpf_jit_harden", errno.EACCES, NONE, "root.*become"),
        ("open /proc/sys/net/core/bpf_jit_harden", errno.EPERM, NONE, "CAP_SYS_ADMIN"),
        ("list /sys/kernel/tracing", errno.EACCES, NONE, "become"),
        ("list /proc/1/fd", errno.EACCES, NONE, "CAP_SYS_PTRACE"),
        ("BPF_PROG_GET_NEXT_ID", errno.ENOSYS, FREE, "CONFIG_BPF_SYSCALL.*seccomp"),
        ("BPF_PROG_QUERY", errno.EPERM, FREE._replace(lsms=None), "No cause is visible"),
    ],
)
def test_each_cause_has_its_sentence(call, number, context, words):
    sentence = denial.hint(call, number, context)
    assert re.search(words, sentence)
    assert sentence.endswith(".")
    assert sentence[0].isupper()


@pytest.mark.parametrize(
    ("call", "context", "silent"),
    [
        ("BPF_PROG_QUERY", FREE._replace(lockdown="integrity"), "locked"),
        ("BPF_PROG_LOAD", FREE._replace(lockdown=None), "locked"),
        ("BPF_MAP_CREATE", FREE, "RLIMIT_MEMLOCK"),
        ("BPF_MAP_CREATE", FREE._replace(memlock=None), "RLIMIT_MEMLOCK"),
        ("BPF_PROG_GET_NEXT_ID", FREE._replace(caps=None), "CAP_"),
        ("BPF_PROG_GET_NEXT_ID", NONE, "unprivileged_bpf_disabled"),
        ("BPF_MAP_CREATE", NONE._replace(unprivileged=0), "unprivileged_bpf_disabled"),
        ("BPF_PROG_GET_NEXT_ID", FREE._replace(initial_userns=None), "user namespace"),
        ("BPF_PROG_GET_NEXT_ID", FREE._replace(seccomp=1), "seccomp"),
    ],
)
def test_what_is_not_there_is_not_blamed(call, context, silent):
    assert silent not in denial.hint(call, errno.EPERM, context)


def test_the_cause_nearest_to_the_call_comes_first():
    everything = denial.Context(0, False, 2, 2, "integrity", ["selinux"], 65536)
    order = ["user namespace", "lacks CAP_BPF", "seccomp", "locked down", "RLIMIT_MEMLOCK", "SELinux", "No cause"]
    removed = [{}, {"initial_userns": True}, {"caps": ALL}, {"seccomp": 0}, {"lockdown": "none"}, {"memlock": -1}]
    context = everything
    changes = [*removed, {"lsms": []}]
    assert len(order) == len(changes)
    for words, change in zip(order, changes):
        context = context._replace(**change)
        assert words in denial.hint("BPF_PROG_LOAD", errno.EPERM, context)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOENT, errno.E2BIG, 524, 0])
def test_other_errors_need_no_hint(number):
    assert denial.hint("BPF_PROG_GET_NEXT_ID", number) == ""


def planted(texts):
    return denial.read_context(texts.get)


def test_the_context_is_read_from_procfs():
    assert planted(
        {
            "/proc/self/status": "Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t00000000002000c0\nSeccomp:\t2\n",
            "/proc/self/uid_map": "         0       1000          1\n",
            "/proc/sys/kernel/unprivileged_bpf_disabled": "1\n",
            "/sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
            "/sys/kernel/security/lsm": "capability,yama,selinux\n",
            "/proc/self/limits": "Max locked memory         65536                unlimited            bytes\n",
        }
    ) == denial.Context(0x2000C0, False, 1, 2, "integrity", ["capability", "yama", "selinux"], 65536)


def test_the_initial_user_namespace_maps_every_id():
    assert planted({"/proc/self/uid_map": "         0          0 4294967295\n"}).initial_userns is True


def test_unlimited_memory_is_no_number():
    assert planted({"/proc/self/limits": "Max locked memory  unlimited  unlimited  bytes\n"}).memlock == -1


def test_what_cannot_be_read_is_unknown():
    assert planted({}) == denial.Context(*[None] * 7)
    assert denial.parse_lockdown("") is None


def test_the_real_context_has_the_capabilities_of_this_process():
    context = denial.read_context()
    with open("/proc/self/status", encoding="utf-8") as handle:
        assert f"CapEff:\t{context.caps:016x}" in handle.read()
    assert context.seccomp in (0, 1, 2)
    assert context.initial_userns in (True, False)
