# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.decode import decode
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.fingerprint import fingerprint, normal_form
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.test_blinding import halves

MAPS = {7: (1, 4, 8, 0), 9: (2, 4, 16, 0x400), 70: (1, 4, 8, 0), 90: (2, 4, 16, 0x400)}


def wide(source, imm, high=0):
    return insn(0x18, 1, source, imm=imm) + insn(0, imm=high)


def lines(data, symbols=None, hidden=False):
    return list(normal_form(decode(data, "little"), MAPS, symbols or Symbols(), hidden))


def same(one, other, symbols=None, other_symbols=None, hidden=False):
    pair = ((one, symbols), (other, other_symbols or symbols))
    first, second = (fingerprint(decode(data, "little"), MAPS, names or Symbols(), hidden) for data, names in pair)
    return first == second


def test_the_form_of_version_1_never_changes():
    """A change of this is version 2."""
    names = Symbols(0x1000, {0xFF0: "htab_lookup.constprop.0"})
    data = wide(1, 7) + insn(0x85, imm=-16) + insn(0x15, 0, off=1) + MOVE + EXIT
    form = ["18 1 map 0 1 4 8 0", "85 0 htab_lookup", "15 0 0 0 -> 2", "b7 0 0 0 2", "95 0 0 0 0"]
    assert lines(data, names) == form
    digest = hashlib.sha256("\n".join(form).encode()).hexdigest()
    assert fingerprint(decode(data, "little"), MAPS, names) == "v1:" + digest
    assert digest.startswith("fcbe91abec5f445a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # ids, but not the order and the shapes
        (wide(1, 7) + wide(1, 9) + wide(1, 7), wide(1, 70) + wide(1, 90) + wide(1, 70)),
        (wide(2, 9, 8), wide(2, 90, 8)),
        # addresses of the kernel
        (wide(0, 0x100, -1), wide(0, 0x200, -1)),
        (wide(3, 5, 0), wide(3, 6, 0)),
        # blinding
        (insn(0x07, 1, imm=5), halves(5, False) + insn(0x0F, 1, 11)),
        (insn(0xB7, 1), insn(0xAF, 1, 1)),
        (insn(0xB4, 1), insn(0xAF, 1, 1)),
        (insn(0x15, 2, off=1, imm=9) + insn(0x07, 1, imm=5),
         halves(9, False) + insn(0x1D, 2, 11, 3) + halves(5, False) + insn(0x0F, 1, 11)),
    ],
)  # fmt: skip
def test_same(one, other):
    assert same(one + EXIT, other + EXIT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (MOVE, insn(0xB7, 0, imm=3)),
        (wide(1, 7), wide(1, 9)),
        (wide(1, 7) + wide(1, 70), wide(1, 7) + wide(1, 7)),
        (wide(2, 9, 8), wide(2, 9, 12)),
        (wide(0, 1, 0), wide(0, 2, 0)),
        (wide(0, -1, -1), wide(0, -2, -1)),
        (insn(0x15, 2, off=1) + MOVE, insn(0x15, 2, off=0) + MOVE),
        (insn(0x85, imm=1), insn(0x85, imm=2)),
        (insn(0x85, src=1, off=1) + EXIT + MOVE, insn(0x85, src=1, off=2) + EXIT + MOVE),
        (insn(0x06, imm=0), insn(0x06, imm=1)),
    ],
)
def test_not_the_same(one, other):
    assert not same(one + EXIT, other + EXIT)


def test_targets_of_calls_are_their_names():
    one, other = Symbols(0x1000, {0xFF0: "f.isra.0"}), Symbols(0x9000, {0x8FE0: "f"})
    assert same(insn(0x85, imm=-16), insn(0x85, imm=-32), one, other)
    other.names = {0x8FE0: "g"}
    assert not same(insn(0x85, imm=-16), insn(0x85, imm=-32), one, other)
    assert lines(insn(0x85, src=2, imm=-16), one) == ["85 2 f"]
    assert lines(insn(0x85, imm=16384), one) == ["85 0 KADDR"]


def test_hidden_targets():
    """What is hidden has immediate 0."""
    names = Symbols(0x1000, {0x1010: "f"})
    assert same(insn(0x85, imm=16384) + EXIT, insn(0x85) + EXIT, names, Symbols(), hidden=True)
    assert fingerprint(decode(EXIT, "little"), {}, names, True).startswith("v1h:")
    # functions of the program itself are not hidden
    one = insn(0x85, src=1, off=1, imm=1) + EXIT + MOVE + EXIT
    assert same(one, insn(0x85, src=1, off=1) + one[8:], names, Symbols(), hidden=True)


def test_map_that_is_not_known():
    with pytest.raises(KeyError):
        lines(wide(1, 1234))


def test_jumps_that_lead_nowhere():
    assert lines(insn(0x05, off=9)) == ["05 0 0 0 -> elsewhere"]
    assert lines(insn(0x85, src=1, off=9)) == ["85 0 function elsewhere"]
