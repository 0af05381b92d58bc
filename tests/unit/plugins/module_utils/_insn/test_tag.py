# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn import slots, tag
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn


def wide(source, imm, high):
    return insn(0x18, 1, source, imm=imm) + insn(0, imm=high)


@pytest.mark.parametrize("name", ["sha1", "sha256"])
@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("source", [1, 2])
def test_the_hash_that_the_kernel_made(name, order, source):
    """The kernel hashes a reference to a map without its number, and what it was loaded with is 0 after it."""
    hashed = slots.little(wide(source, 0, 0) + wide(0, 7, 8) + EXIT, order)
    made = hashlib.new(name, hashed).digest()[:8]
    data = slots.little(wide(source, 18, 4) + wide(0, 7, 8) + EXIT, order)
    assert tag.algorithm(data, made, order) == name
    assert tag.algorithm(data + EXIT, made, order) is None
    assert tag.algorithm(slots.little(wide(source, 0, 0) + wide(0, 8, 8) + EXIT, order), made, order) is None


def test_a_load_that_is_cut_off():
    data = insn(0x18, 1, 1, imm=5)
    made = hashlib.sha1(insn(0x18, 1, 1)).digest()[:8]
    assert tag.algorithm(data, made, "little") == "sha1"


def test_a_function_that_was_not_rewritten():
    code = MOVE + EXIT + insn(0xB7, 0, imm=3) + EXIT
    tags = [bytes(8), hashlib.sha256(code[16:]).digest()[:8]]
    assert tag.of_functions(code, [0, 2], tags) == "sha256"
    assert tag.of_functions(code, [0, 2], [bytes(8), bytes(8)]) is None
    assert tag.of_functions(code, [], []) is None


def test_a_host_without_sha1(monkeypatch):
    """FIPS 140 takes it away."""
    real = hashlib.new

    def new(name, data):
        if name == "sha1":
            raise ValueError("unsupported hash type")
        return real(name, data)

    monkeypatch.setattr(tag.hashlib, "new", new)
    assert tag.algorithm(EXIT, hashlib.sha1(EXIT).digest()[:8]) is None
    assert tag.algorithm(EXIT, hashlib.sha256(EXIT).digest()[:8]) == "sha256"
