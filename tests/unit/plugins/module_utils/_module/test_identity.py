# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import hashlib
import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import kinds
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.source import rodata_sha256
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kallsyms
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module import prog_info
from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import kernel_build
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import Builder
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import insn

TABLE = b"ffff000000001000 T __bpf_call_base\nffff000000000ff0 T bpf_spin_lock\nffffffffc0000000 t x\t[bpf]\n"
HIDDEN = b"0000000000000000 T __bpf_call_base\n0000000000000000 t x\t[bpf]\n"


def native(*fields, **named):
    return insn(*fields, **named, order=sys.byteorder)


MOVE, EXIT = native(0xB7, 0, imm=2), native(0x95)
HELPER = native(0x85, imm=-16)


@pytest.fixture(autouse=True)
def host(monkeypatch):
    monkeypatch.setattr(kernel_build, "read", lambda: 64 * "a")
    monkeypatch.setattr(kallsyms, "read", lambda: TABLE)


def identities(**wanted):
    records = prog_info.read(Selector(wanted) if wanted else None, ["identity"])
    return {record["id"]: record["identity"] for record in records if "identity" in record}


def program(kernel, code, number=0, name="sha256", **info):
    info.setdefault("tag", hashlib.new(name, code).digest()[:8])
    made = kernel.add_program(number, **info)
    made.insns = code
    return made


def with_btf(kernel, number=60, function="filter"):
    builder = Builder()
    integer = builder.integer("int")
    proto = builder.add(kinds.FUNC_PROTO, size=integer)
    made = builder.function(function, proto)
    kernel.add_btf(number, blob=builder.blob())
    return {"btf_id": number, "functions": [made]}


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_all_of_it(kernel, name):
    program(kernel, MOVE + EXIT, 5, name=name, **with_btf(kernel))
    (found,) = identities().values()
    assert "unavailable" not in found
    assert found["source_id"].startswith("v1:")
    assert [text.partition(":")[0] for text in found["fingerprints"]] == ["v1", "v1h", "v1b", "v1hb"]
    assert found["fingerprint"] == found["fingerprints"][0]
    assert found["rodata_sha256"] == rodata_sha256([])
    assert found["tag_algorithm"] == name
    assert len(found["kernel_build"]) == 64


def test_programs_of_one_object(kernel):
    """One BTF, other functions; another BTF with the same content is the same source."""
    shared = with_btf(kernel)
    program(kernel, MOVE + EXIT, 5, **shared)
    program(kernel, MOVE + EXIT, 6, **with_btf(kernel, 61))
    program(kernel, MOVE + EXIT, 7, **with_btf(kernel, 62, "other"))
    program(kernel, MOVE + EXIT, 8, type=6, **shared)
    found = [one["source_id"] for one in identities().values()]
    assert found[0] == found[1] and len(set(found)) == 3


def test_no_btf(kernel):
    program(kernel, MOVE + EXIT, 5)
    assert identities()[5]["source_id"] is None
    assert identities()[5]["unavailable"] == {"source_id": "no BTF"}


def test_damaged_btf_and_btf_that_may_not_be_read(kernel):
    kernel.add_btf(61, blob=b"\x9f\xeb")
    program(kernel, MOVE + EXIT, 5, btf_id=61, functions=[1])
    program(kernel, MOVE + EXIT, 6, btf_id=99, functions=[1])
    program(kernel, MOVE + EXIT, 7, **{**with_btf(kernel, 62), "functions": [900]})
    found = identities()
    assert [found[number]["unavailable"]["source_id"] for number in (5, 6, 7)] == [
        "damaged BTF", "ENOENT", "damaged BTF",
    ]  # fmt: skip


def test_hidden_addresses(kernel, monkeypatch):
    monkeypatch.setattr(kallsyms, "read", lambda: HIDDEN)
    program(kernel, native(0x85) + EXIT, 5).addresses = None
    program(kernel, MOVE + EXIT, 6).addresses = None
    interpreted = program(kernel, native(0x85) + EXIT, 7, jited_prog_len=0)
    interpreted.addresses = []
    found = {number: [text.partition(":")[0] for text in one["fingerprints"]] for number, one in identities().items()}
    # What calls nobody has nothing to hide.
    assert found == {5: ["v1h", "v1hb"], 6: ["v1", "v1h", "v1b", "v1hb"], 7: ["v1h", "v1hb"]}


def test_code_that_is_not_told(kernel):
    program(kernel, MOVE + EXIT, 5, **with_btf(kernel)).insns_hidden = True
    found = identities()[5]
    assert found["fingerprint"] is found["fingerprints"] is found["tag_algorithm"] is None
    assert found["source_id"]
    assert found["unavailable"]["fingerprint"] == "hidden by kptr_restrict"
    assert found["unavailable"]["tag_algorithm"] == "no program here is as it was loaded"


def test_without_rights(bpffs, kernel):
    made = program(kernel, MOVE + EXIT, 5, **with_btf(kernel))
    bpffs.add(b"/bpf/a", made)
    kernel.can_list = kernel.capable = False
    found = identities(pinned=bpffs.text(b"/bpf/a"))[5]
    assert found["unavailable"]["source_id"] == found["unavailable"]["fingerprint"] == "EPERM"


def test_a_program_that_vanished_meanwhile(kernel):
    made = program(kernel, MOVE + EXIT, 5)
    opened = []

    def gone(call):
        opened.append(call)
        if len(opened) > 1:
            kernel.remove(made)

    kernel.before(commands.BPF_PROG_GET_FD_BY_ID, gone)
    assert identities()[5]["unavailable"]["fingerprint"] == "ENOENT"


def test_maps_that_cannot_be_read(kernel):
    program(kernel, MOVE + EXIT, 5, map_ids=[kernel.add_map().id])
    kernel.fault(commands.BPF_MAP_GET_FD_BY_ID, errno.EACCES)
    found = identities()[5]
    assert found["unavailable"]["fingerprint"] == found["unavailable"]["rodata_sha256"] == "EACCES"
    assert found["source_id"] is None and found["tag_algorithm"] == "sha256"


def test_a_kernel_that_does_not_tell_its_build(kernel, monkeypatch):
    def refused():
        raise kernel_error("open /sys/kernel/notes", errno.ENOENT)

    monkeypatch.setattr(kernel_build, "read", refused)
    program(kernel, MOVE + EXIT, 5)
    found = identities()[5]
    assert found["kernel_build"] is None and found["unavailable"]["kernel_build"] == "ENOENT"
    assert found["fingerprint"]


def test_the_tag_of_another_program_tells(kernel):
    """Only the one that was asked for has an identity, and the hash is found at the others."""
    program(kernel, HELPER + EXIT, 5, tag=bytes(8))
    program(kernel, HELPER + EXIT, 6, tag=bytes(8))
    program(kernel, MOVE + EXIT, 7, name="sha1")
    found = identities(id=5)
    assert list(found) == [5] and found[5]["tag_algorithm"] == "sha1"
    assert list(identities(tag="00" * 8)) == [5, 6]


def test_the_tag_of_a_function_tells(kernel):
    # The fake lets the second function begin at slot 8.
    code = HELPER * 7 + EXIT + MOVE + EXIT
    tags = [bytes(8), hashlib.sha256(code[64:]).digest()[:8]]
    made = program(kernel, code, 5, tag=bytes(8), tags=tags, functions=[1, 1])
    assert identities()[5]["tag_algorithm"] == "sha256"
    made.tags = [bytes(8), bytes(8)]
    assert identities()[5]["tag_algorithm"] is None


def test_programs_that_may_not_be_listed_tell_nothing(bpffs, kernel):
    made = program(kernel, HELPER + EXIT, 5, tag=bytes(8))
    program(kernel, MOVE + EXIT, 6)
    bpffs.add(b"/bpf/a", made)
    kernel.can_list = False
    found = identities(pinned=bpffs.text(b"/bpf/a"))[5]
    assert found["tag_algorithm"] is None and found["fingerprint"].startswith("v1:")
