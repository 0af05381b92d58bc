# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import struct
from collections import namedtuple

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_code
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector

FIRST, HELPER = 0xFFFFFFFFC0000000, 0xFFFFFFFF81001010
TABLE = (
    b"ffffffff81001000 T __bpf_call_base\nffffffff81001010 T one\n"
    b"ffffffffc0000000 t bpf_prog_0102030405060708_main\t[bpf]\n"
)
CALL = b"\xe8" + struct.pack("<i", HELPER - FIRST - 5)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    name = namedtuple("Name", "machine")
    monkeypatch.setattr(os, "uname", lambda: name("x86_64"))


@pytest.fixture
def table(monkeypatch):
    reads = []

    def install(content):
        monkeypatch.setattr(kallsyms, "read", lambda: reads.append(1) or content)
        return reads

    return install


@pytest.fixture
def settings(proc):
    def install(kptr=1, harden=0, symbols=1, enable=1):
        proc.write("/proc/sys/kernel/kptr_restrict", f"{kptr}\n".encode())
        for name, value in (("enable", enable), ("harden", harden), ("kallsyms", symbols)):
            proc.write(f"/proc/sys/net/core/bpf_jit_{name}", f"{value}\n".encode())

    install()
    return install


def read(**params):
    options = {"what": "jited", "format": "text", "opcodes": False, "linum": False}
    return prog_code.read(Selector(dict(options, **params)))


def compiled(kernel, number=30, **info):
    program = kernel.add_program(number, type=6, name=b"main", **info)
    program.image, program.addresses = CALL + b"\xc3", [FIRST]
    return program


def test_the_record(kernel, table, settings):
    reads = table(TABLE)
    compiled(kernel)
    compiled(kernel, 31)
    first, second = read()
    assert first == {
        "id": 30, "type": "xdp", "name": "main", "full_name": "main", "tag": "0102030405060708",
        "raw": (CALL + b"\xc3").hex(), "machine": "x86_64", "hints": [], "sources": [],
        "symbols": {f"0x{HELPER:x}": "one"},
        "functions": [
            {"name": "bpf_prog_0102030405060708_main", "proto": None, "address": "0xffffffffc0000000",
             "offset": 0, "size": 6},
        ],
    }  # fmt: skip
    # one look at the table names all that the programs call
    assert second["symbols"] == first["symbols"] and reads == [1]


def test_bytes_need_nothing_beside_them(kernel, table, settings):
    table(TABLE)
    compiled(kernel)
    (record,) = read(id=30, format="raw")
    assert "sources" not in record and "symbols" not in record and record["raw"] == (CALL + b"\xc3").hex()


def test_hidden_addresses(kernel, settings):
    settings(kptr=2)
    compiled(kernel).addresses = None
    (record,) = read(id=30)
    assert (record["raw"], record["functions"]) == (None, None)
    assert record["unavailable"] == dict.fromkeys(("raw", "functions"), "hidden by kptr_restrict")
    assert "kernel.kptr_restrict=2" in record["hints"][0]


def test_an_interpreted_program(kernel, settings):
    settings(enable=0)
    kernel.add_program(30, jited_prog_len=0)
    (record,) = read(id=30)
    assert record["unavailable"]["raw"] == "not compiled"
    assert "net.core.bpf_jit_enable=0" in record["hints"][0]


def test_without_the_right(make_kernel, settings):
    compiled(make_kernel(capable=False))
    (record,) = read(id=30)
    assert (record["raw"], record["unavailable"]["raw"], record["hints"]) == (None, "EPERM", [])


def test_functions_without_symbols(kernel, table, settings):
    table(TABLE.replace(b"ffffffffc0000000", b"ffffffffc0990000"))
    settings(harden=2)
    compiled(kernel)
    (record,) = read(id=30)
    assert record["functions"][0]["name"] == "bpf_prog_0102030405060708_main"
    assert "net.core.bpf_jit_harden=2" in record["hints"][0]


def test_a_table_that_cannot_be_read(kernel, settings, proc):
    proc.errors["/proc/kallsyms"] = errno.EACCES
    compiled(kernel)
    (record,) = read(id=30)
    assert record["hints"][0].startswith("called functions have no names: open /proc/kallsyms")


def test_btf_that_cannot_be_read(kernel, table, settings):
    table(TABLE)
    kernel.add_btf(4, blob=b"\x9f\xeb")
    compiled(kernel, btf_id=4)
    (record,) = read(id=30)
    assert record["hints"] == ["source lines and prototypes are missing: the BTF cannot be read (damaged BTF)"]
