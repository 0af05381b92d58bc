# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import kallsyms_info
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

FIRST = b"\xaa" * 8
HIGH = 0xFFFFFFFFC0000000
TABLE = b"ffffffff81000000 T _stext\nffffffffc0000000 t bpf_prog_aaaaaaaaaaaaaaaa_one\t[bpf]\n"
HIDDEN = b"0000000000000000 T _stext\n0000000000000000 t bpf_prog_aaaaaaaaaaaaaaaa_one\t[bpf]\n"


@pytest.fixture
def host(kernel, proc):
    """A host with one program, and its settings."""

    def install(table, kptr=1, harden=0, symbols=1, enable=1, **program):
        proc.write("/proc/kallsyms", table)
        proc.write("/proc/sys/kernel/kptr_restrict", b"%d\n" % kptr)
        proc.write("/proc/sys/kernel/perf_event_paranoid", b"2\n")
        proc.write("/proc/sys/net/core/bpf_jit_harden", b"%d\n" % harden)
        proc.write("/proc/sys/net/core/bpf_jit_kallsyms", b"%d\n" % symbols)
        proc.write("/proc/sys/net/core/bpf_jit_enable", b"%d\n" % enable)
        found = kernel.add_program(30, **dict({"type": 6, "tag": FIRST, "name": b"one"}, **program))
        found.addresses = [HIGH]
        return found

    return install


def test_the_symbols(host):
    host(TABLE)
    result = kallsyms_info.read([HIGH + 4])
    (symbol,) = result["symbols"]
    assert (symbol["name"], symbol["prog_id"], symbol["size"]) == ("bpf_prog_aaaaaaaaaaaaaaaa_one", 30, 40)
    assert (result["addresses"][0]["offset"], result["hints"]) == (4, [])


def test_hidden_addresses(host):
    host(HIDDEN, kptr=2).addresses = None
    result = kallsyms_info.read([HIGH])
    (symbol,) = result["symbols"]
    assert (symbol["address"], symbol["prog_id"]) == (None, 30)
    assert result["addresses"][0]["unavailable"] == {"name": "hidden by kptr_restrict"}
    (hint,) = result["hints"]
    assert hint.startswith("addresses are hidden (kernel.kptr_restrict=2, kernel.perf_event_paranoid=2): set")


@pytest.mark.parametrize(("harden", "symbols"), [(1, 1), (0, 0)])
def test_symbols_that_are_not_exported(host, harden, symbols):
    host(b"ffffffff81000000 T _stext\n", harden=harden, symbols=symbols)
    result = kallsyms_info.read([])
    (symbol,) = result["symbols"]
    assert (symbol["name"], symbol["address"]) == ("bpf_prog_aaaaaaaaaaaaaaaa_one", "0xffffffffc0000000")
    assert symbol["in_kallsyms"] is False and "addresses" not in result
    (hint,) = result["hints"]
    assert f"net.core.bpf_jit_kallsyms={symbols}, net.core.bpf_jit_harden={harden}" in hint
    assert "set net.core.bpf_jit_kallsyms to 1 and net.core.bpf_jit_harden to 0" in hint


def test_interpreted_programs(host):
    host(b"ffffffff81000000 T _stext\n", enable=0, jited_prog_len=0)
    result = kallsyms_info.read([])
    assert result["symbols"] == []
    (hint,) = result["hints"]
    assert hint.startswith("1 programs are interpreted and have no symbol (net.core.bpf_jit_enable=0)")


def test_programs_that_cannot_be_listed(host, kernel):
    host(TABLE)
    kernel.fault(commands.BPF_PROG_GET_NEXT_ID, errno.EPERM)
    result = kallsyms_info.read([])
    (symbol,) = result["symbols"]
    assert (symbol["address"], symbol["prog_id"]) == ("0xffffffffc0000000", None)
    assert result["hints"][0].startswith("symbols have no programs: cannot list the programs of this host")


def test_a_table_that_cannot_be_read(host, proc):
    host(TABLE)
    proc.errors["/proc/kallsyms"] = errno.ENOENT
    with pytest.raises(KernelError):
        kallsyms_info.read([])


def test_functions_have_the_names_of_the_btf(host, kernel):
    types = Builder(sys.byteorder)
    names = [types.function("a_name_that_is_longer_than_15"), types.function("inner")]
    kernel.add_btf(4, blob=types.blob())
    program = host(b"ffffffff81000000 T _stext\n", harden=1, btf_id=4, functions=names, tags=[FIRST, b"\xbb" * 8])
    program.addresses = [HIGH, HIGH + 64]
    assert [symbol["function"] for symbol in kallsyms_info.read([])["symbols"]] == [
        "a_name_that_is_longer_than_15",
        "inner",
    ]


def test_functions_without_btf_have_the_names_that_the_kernel_gives(host):
    program = host(b"ffffffff81000000 T _stext\n", harden=1, tags=[FIRST, b"\xbb" * 8], name=b"")
    program.addresses = [HIGH, HIGH + 64]
    names = [symbol["name"] for symbol in kallsyms_info.read([])["symbols"]]
    assert names == ["bpf_prog_aaaaaaaaaaaaaaaa", "bpf_prog_bbbbbbbbbbbbbbbb_F"]


def test_an_address_that_is_none_fails(host, capsys):
    host(TABLE)
    result = run_module(kallsyms_info.run, capsys, addresses=["nowhere"])
    assert result["msg"].startswith("addresses: 'nowhere' is no address: write up to 16 hexadecimal digits in quotes")


def test_an_unreadable_table_fails_with_a_sentence(host, proc, capsys):
    host(TABLE)
    proc.errors["/proc/kallsyms"] = errno.ENOENT
    result = run_module(kallsyms_info.run, capsys)
    assert result["msg"].startswith("cannot read the symbols of this host: open /proc/kallsyms")
    assert result["failure"]["name"] == "ENOENT"
