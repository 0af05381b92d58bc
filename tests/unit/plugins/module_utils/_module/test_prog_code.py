# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError
from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_code
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import insn

TABLE = b"ffff000000001000 T __bpf_call_base\nffff000000000ff0 T bpf_spin_lock\nffffffffc0000000 t x\t[bpf]\n"
HIDDEN = b"0000000000000000 T __bpf_call_base\n0000000000000000 t x\t[bpf]\n"


def native(*fields, **named):
    return insn(*fields, **named, order=sys.byteorder)


MOVE, EXIT = native(0xB7, 0, imm=2), native(0x95)
HELPER = native(0x85, imm=-16)
FUNCTION = native(0x85, src=1, off=1, imm=1) + EXIT + EXIT


@pytest.fixture
def table(monkeypatch):
    reads = []

    def install(content):
        monkeypatch.setattr(kallsyms, "read", lambda: reads.append(1) or content)
        return reads

    return install


@pytest.fixture
def settings(proc):
    def install(kptr=1, harden=0, symbols=1):
        proc.write("/proc/sys/kernel/kptr_restrict", f"{kptr}\n".encode())
        proc.write("/proc/sys/net/core/bpf_jit_harden", f"{harden}\n".encode())
        proc.write("/proc/sys/net/core/bpf_jit_kallsyms", f"{symbols}\n".encode())

    install()
    return install


def read(**params):
    options = {"what": "xlated", "format": "text", "opcodes": False, "linum": False}
    return prog_code.read(Selector(dict(options, **params)))


def test_the_records(kernel, table, settings):
    reads = table(TABLE)
    kernel.add_program(30, type=6, name=b"one").insns = MOVE + EXIT
    kernel.add_program(31, type=6, name=b"two").insns = HELPER + EXIT
    one, two = read()
    assert one == {
        "id": 30, "type": "xdp", "name": "one", "full_name": "one", "tag": "0102030405060708",
        "text": "   0: (b7) r0 = 2\n   1: (95) exit\n", "hints": [],
        "functions": [{"name": None, "proto": None, "offset": 0, "size": 16}],
    }  # fmt: skip
    assert two["text"].splitlines()[0] == "   0: (85) call bpf_spin_lock#-16"
    assert reads == [1]


@pytest.mark.parametrize(("params", "found"), [({"name": "two"}, [31]), ({"id": 30}, [30]), ({"id": 99}, [])])
def test_only_what_is_selected_is_read(kernel, table, settings, params, found):
    reads = table(TABLE)
    kernel.add_program(30, name=b"one").insns = MOVE + EXIT
    kernel.add_program(31, name=b"two").insns = MOVE + EXIT
    assert [record["id"] for record in read(**params)] == found
    # no call has to be named
    assert reads == []


def test_near_matches_need_no_code(kernel):
    kernel.add_program(30, name=b"one")
    (record,) = prog_code.read(None)
    assert record["name"] == "one" and "text" not in record


def test_a_program_that_vanishes_is_left_out(kernel, settings):
    first = kernel.add_program(30, name=b"one")
    first.insns = EXIT
    kernel.before(
        commands.BPF_PROG_GET_FD_BY_ID, lambda call: kernel.remove(first), lambda call: kernel.count(call.cmd) > 1
    )
    assert read(name="one") == []


def test_code_that_cannot_be_read_is_told(kernel, settings):
    kernel.add_program(30, name=b"one")
    kernel.fault(
        commands.BPF_PROG_GET_FD_BY_ID, errno.EACCES, when=lambda call: kernel.count(commands.BPF_PROG_GET_FD_BY_ID) > 1
    )
    (record,) = read(name="one")
    assert (record["text"], record["unavailable"], record["hints"]) == (
        None,
        {"text": "EACCES", "functions": "EACCES"},
        [],
    )


def test_without_the_right(make_kernel, settings):
    kernel = make_kernel(capable=False)
    kernel.add_program(30).insns = EXIT
    (record,) = read(id=30, format="dot")
    assert (record["dot"], record["unavailable"]["dot"]) == (None, "EPERM")


def test_listing_needs_a_right(make_kernel):
    make_kernel(can_list=False)
    with pytest.raises(KernelError):
        read()


def test_hidden_addresses(kernel, table, settings):
    table(HIDDEN)
    settings(kptr=2)
    program = kernel.add_program(30, functions=[1, 2])
    program.insns, program.addresses = FUNCTION, None
    (record,) = read(id=30)
    assert record["text"].splitlines()[0] == "   0: (85) call pc+1#0x1"
    assert "kernel.kptr_restrict=2" in record["hints"][0] and "bpf_unspec#0" in record["hints"][0]


def test_blinded_code(kernel, settings):
    settings(kptr=2, harden=2)
    program = kernel.add_program(30)
    program.insns, program.insns_hidden = EXIT, True
    (record,) = read(id=30, format="records")
    assert (record["records"], record["unavailable"]["records"]) == (None, "hidden by kptr_restrict")
    assert "bpf_jit_harden" in record["hints"][0] and "kernel.kptr_restrict=2" in record["hints"][0]


def test_functions_without_symbols(kernel, table, settings):
    table(TABLE)
    settings(symbols=0)
    program = kernel.add_program(30)
    program.insns, program.addresses = FUNCTION, [0xFFFFFFFFC0000010, 0xFFFFFFFFC0000020]
    (record,) = read(id=30)
    assert record["text"].splitlines()[0] == "   0: (85) call pc+1#0xffffffffc0000020"
    assert "net.core.bpf_jit_kallsyms=0" in record["hints"][0]


def test_a_table_that_cannot_be_read(kernel, settings, proc):
    proc.errors["/proc/kallsyms"] = errno.EACCES
    kernel.add_program(30).insns = HELPER + EXIT
    (record,) = read(id=30)
    assert record["text"].splitlines()[0] == "   0: (85) call 0xfffffffffffffff0#-16"
    (hint,) = record["hints"]
    assert hint.startswith("called functions have no names: open /proc/kallsyms")


def test_btf_that_cannot_be_read(kernel, table, settings):
    table(TABLE)
    kernel.add_btf(4, blob=b"\x9f\xeb")
    kernel.add_program(30, btf_id=4).insns = EXIT
    (record,) = read(id=30)
    assert record["text"] == "   0: (95) exit\n"
    assert record["hints"] == ["source lines and prototypes are missing: the BTF cannot be read (damaged BTF)"]
