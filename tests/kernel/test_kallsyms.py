# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Symbols of programs, beside the table of the kernel and what bpftool tells of each program."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import objects
import pytest
from modules import command, peak, run_module
from objects import instruction as insn

from ansible_collections.ebpf.fleet.plugins.module_utils._module import kallsyms_info
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import prog_types
from ansible_collections.ebpf.fleet.plugins.plugin_utils._symbolize import Symbolizer

TABLE = Path("/proc/kallsyms")
KPTR = Path("/proc/sys/kernel/kptr_restrict")
EXPORT = Path("/proc/sys/net/core/bpf_jit_kallsyms")
# What a process may take beyond the interpreter and Ansible's part of a module.
_ROOM = 40 << 10


@contextlib.contextmanager
def setting(path: Path, value: str) -> Iterator[None]:
    """Set a sysctl, and put it back."""
    before = path.read_text()
    try:
        path.write_text(value)
        if path.read_text().strip() != value:
            pytest.skip(f"{path.name} cannot be set here")
        yield
    finally:
        path.write_text(before)


@pytest.fixture
def programs():
    """A program of two functions, and two programs that are alike but for the name of the second."""
    call = insn(0xB7, 1) + insn(0x85, src=1, imm=1) + insn(0x95) + objects.returns(2)
    with contextlib.ExitStack() as stack:
        shapes = {"two": call, "twin": objects.returns(77), "other": objects.returns(77)}
        yield {
            name: objects.object_id(
                stack.enter_context(objects.Program(prog_types.SCHED_CLS, name.encode(), insns=code).load())
            )
            for name, code in shapes.items()
        }


def mine(result: dict, number: int) -> list[dict]:
    return [symbol for symbol in result["symbols"] if symbol["prog_ids"] == [number]]


def test_symbols_are_those_of_the_table(programs, compiled, handmade):
    result = kallsyms_info.read([])
    table = re.findall(r"^(\S+) \w (\S+)\t\[bpf\]$", TABLE.read_text(), re.MULTILINE)
    if not table:
        pytest.skip("this kernel does not export symbols of programs, or is older than 5.8")
    shown = [(symbol["address"], symbol["name"]) for symbol in result["symbols"]]
    # others load programs meanwhile
    assert len(set(shown) & {("0x" + address, name) for address, name in table}) >= 0.9 * len(table)
    two = mine(result, programs["two"])
    assert {symbol["function"] for symbol in two} == {"two", "F"}
    assert all(symbol["size"] > 0 and symbol["in_kallsyms"] for symbol in two)
    assert [mine(result, programs[name])[0]["function"] for name in ("twin", "other")] == ["twin", "other"]


def test_programs_are_those_of_bpftool(programs, compiled, bpftool):
    done = subprocess.run([bpftool, "-j", "prog", "show"], capture_output=True, check=True, timeout=60)
    theirs = {program["id"]: program for program in json.loads(done.stdout)}
    main = {}
    for symbol in kallsyms_info.read([])["symbols"]:
        known = theirs.get(symbol["prog_id"])
        if known and symbol["tag"] == known["tag"]:
            main[symbol["prog_id"]] = symbol
            # the types of younger kernels have no names in bpftool
            assert symbol["prog_type"] == known["type"] or isinstance(known["type"], int)
            assert symbol["function"] == known.get("name")
    jited = {number for number, program in theirs.items() if program.get("jited") and not program.get("orphaned")}
    assert set(programs.values()) <= set(main) and len(set(main) & jited) >= 0.9 * len(jited)


def test_addresses_are_named(programs):
    result = kallsyms_info.read([])
    if result["symbols"][0]["address"] is None:
        pytest.skip("addresses are hidden here")
    (twin,) = mine(result, programs["twin"])
    start = int(twin["address"], 16)
    found = kallsyms_info.read([start, start + twin["size"] - 1, start + twin["size"], 4096])["addresses"]
    assert [(one["prog_id"], one["offset"]) for one in found[:2]] == [
        (programs["twin"], 0),
        (programs["twin"], twin["size"] - 1),
    ]
    assert found[2]["prog_id"] != programs["twin"] and found[3]["name"] is None
    text = f"RIP: 0010:{start + 5:#x}\n"
    noted = f"RIP: 0010:{start + 5:#x} {twin['name']}+0x5 [prog id {programs['twin']}]\n"
    assert Symbolizer(result).text(text) == noted


def test_hidden_addresses(programs):
    with setting(KPTR, "2"):
        result = kallsyms_info.read([4096])
    assert {symbol["address"] for symbol in result["symbols"]} == {None}
    assert {symbol["function"] for symbol in mine(result, programs["two"])} == {"two", "F"}
    # the name tells twins apart
    (twin,) = mine(result, programs["twin"])
    assert twin["function"] == "twin" and twin["unavailable"]["address"] == "hidden by kptr_restrict"
    assert any("kernel.kptr_restrict=2" in hint and "CAP_SYSLOG" in hint for hint in result["hints"])


def test_symbols_that_are_not_exported(programs):
    before = {symbol["name"]: symbol for symbol in kallsyms_info.read([])["symbols"] if symbol["kind"] == "prog"}
    with setting(EXPORT, "0"):
        result = kallsyms_info.read([])
    for number in programs.values():
        for symbol in mine(result, number):
            # under the name and at the place that it had in the table
            assert dict(before[symbol["name"]], in_kallsyms=False) == symbol
    assert any("net.core.bpf_jit_kallsyms=0" in hint for hint in result["hints"])


def test_the_module_stays_small(programs):
    bare = peak([sys.executable, "-c", "import ansible.module_utils.basic"])
    assert peak(command("bpf_kallsyms_info")) - bare < _ROOM
    assert run_module("bpf_kallsyms_info")["symbols"]
