# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a profile makes unknown is told before it is applied: what the kernel hides is compared with values.yml."""

from __future__ import annotations

import contextlib

import links
import objects
import pytest
from modules import run_module
from objects import instruction as insn
from test_identity import HARDEN, KPTR, setting

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import prog_types
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.values import values

# A constant to be blinded, and a call with a target to be hidden (bpf_ktime_get_ns).
CODE = insn(0xB7, 2, imm=0x12345) + insn(0x85, imm=5) + insn(0xB7, 0) + insn(0x95)
NOTHING: set[str] = set()


def told(name: str, value: int) -> str:
    return "\n".join(values()["sysctls"][name]["hides"][value])


def unknown(found: object, path: str = "") -> set[str]:
    """Return the path of every null in a record, but for the reasons."""
    if isinstance(found, dict):
        parts = [(value, f"{path}.{key}".lstrip(".")) for key, value in found.items() if key != "unavailable"]
    elif isinstance(found, list):
        parts = [(value, path) for value in found]
    else:
        return {path} if found is None else set()
    return {name for value, inner in parts for name in unknown(value, inner)}


def read(number: int) -> dict[str, list[dict]]:
    """Return everything that is told of one program, by where it is told."""
    facts = run_module("bpf_facts")["ansible_facts"]["bpf"]["programs"]
    symbols = run_module("bpf_kallsyms_info")["symbols"]
    return {
        "info": run_module("bpf_prog_info", {"id": number, "include": ["pinned", "metadata", "identity"]})["programs"],
        "facts": [record for record in facts if record["id"] == number],
        "xlated": run_module("bpf_prog_code_info", {"id": number})["programs"],
        "jited": run_module("bpf_prog_code_info", {"id": number, "what": "jited"})["programs"],
        "symbols": [record for record in symbols if record["prog_id"] == number],
    }


def lost(before: dict, after: dict) -> dict[str, set[str]]:
    """Return what was known and is not any more; facts leave out what is not known."""
    gone = {place: unknown(after[place]) - unknown(before[place]) for place in before}
    gone["facts"] |= {key for record in before["facts"] for key in record} - {
        key for one in after["facts"] for key in one
    }
    return gone


def test_columns_that_kptr_restrict_hides_are_told():
    words = told(sysctl.KPTR, 2)
    with setting(HARDEN, "0"), objects.Program(prog_types.SCHED_CLS, insns=CODE).load() as fd:
        number = objects.object_id(fd)
        with setting(KPTR, "1"):
            before = read(number)
        with setting(KPTR, "2"):
            after = read(number)
    if not before["info"][0]["jited"]:
        pytest.skip("the JIT compiler is off")
    gone = lost(before, after)
    assert gone == {
        "info": NOTHING,
        "facts": NOTHING,
        "xlated": NOTHING,
        "jited": {"raw", "functions"},
        "symbols": {"address", "size"},
    }
    assert "dumps of jited code: all of it" in words
    assert "/proc/kallsyms: all addresses, and the sizes of BPF programs" in words
    # it is there and says nothing
    assert "bpf_ktime_get_ns" in before["xlated"][0]["text"] and "bpf_unspec#0" in after["xlated"][0]["text"]
    assert "dumps and fingerprints of xlated code: the targets of calls" in words
    fingerprints = [found["info"][0]["identity"]["fingerprint"][:3] for found in (before, after)]
    assert fingerprints == ["v1:", "v1h"]


def test_code_that_both_hide_together_is_told():
    with setting(HARDEN, "2"), objects.Program(prog_types.SCHED_CLS, insns=CODE).load() as fd:
        number = objects.object_id(fd)
        with setting(KPTR, "1"):
            before = read(number)
        with setting(KPTR, "2"):
            after = read(number)
    gone = lost(before, after)
    assert "text" in gone["xlated"] and "identity.fingerprint" in gone["info"] and gone["facts"] == NOTHING
    assert "all code of programs with blinded constants" in told(sysctl.KPTR, 2)


@pytest.mark.parametrize("harden", [1, 2])
def test_symbols_and_constants_that_hardening_hides_are_told(harden):
    with setting(KPTR, "1"), contextlib.ExitStack() as stack:
        stack.enter_context(setting(HARDEN, "0"))
        fd = stack.enter_context(objects.Program(prog_types.SCHED_CLS, insns=CODE).load())
        before = read(objects.object_id(fd))
        stack.enter_context(setting(HARDEN, str(harden)))
        after = read(objects.object_id(fd))
        later = stack.enter_context(objects.Program(prog_types.SCHED_CLS, insns=CODE).load())
        loaded = read(objects.object_id(later))
    if not before["info"][0]["jited"]:
        pytest.skip("the JIT compiler is off")
    assert lost(before, after) == dict.fromkeys(before, NOTHING)
    assert [found["symbols"][0]["in_kallsyms"] for found in (before, after)] == [True, False]
    assert "/proc/kallsyms: the symbols bpf_prog_*" in told(sysctl.JIT_HARDEN, harden)
    # 1 spares those who may load programs anyway, as this test
    plain = "r2 = 74565" in loaded["xlated"][0]["text"]
    assert plain is (harden == 1)
    assert ("the constants of programs loaded from now on" in told(sysctl.JIT_HARDEN, harden)) is not plain


@pytest.mark.parametrize("name", ["perf_kprobe", "kprobe_multi"])
def test_columns_of_links_that_kptr_restrict_hides_are_told(name):
    with contextlib.ExitStack() as stack:
        try:
            number = stack.enter_context(links.MAKERS[name]()).id
        except OSError as error:
            pytest.skip(f"this kernel makes no such link: {error}")
        with setting(KPTR, "1"):
            before = run_module("bpf_link_info", {"id": number})["links"]
        with setting(KPTR, "2"):
            after = run_module("bpf_link_info", {"id": number})["links"]
    # the functions are the kernel's own, so module is null before as well
    gone = unknown(after) - unknown(before)
    assert gone == {"perf_kprobe": {"addr"}, "kprobe_multi": {"funcs.addr", "funcs.func"}}[name]
    assert "links: addr of kprobes; addr, func and module in funcs of kprobe_multi" in told(sysctl.KPTR, 2)
