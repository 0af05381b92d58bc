# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn.calls import Symbols
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.decode import decode
from ansible_collections.ebpf.fleet.plugins.module_utils._insn.fingerprint import Form, fingerprints
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.test_blinding import halves

MAPS = {7: (1, 4, 8, 0), 9: (2, 4, 16, 0x400), 70: (1, 4, 8, 0), 90: (2, 4, 16, 0x400)}


def wide(source, imm, high=0):
    return insn(0x18, 1, source, imm=imm) + insn(0, imm=high)


def form(data, symbols=None, maps=None):
    return Form(decode(data, "little"), MAPS if maps is None else maps, symbols or Symbols())


def lines(data, symbols=None):
    return form(data, symbols).lines


def named(data, symbols=None, hidden=False, maps=None):
    return dict(text.split(":") for text in fingerprints(form(data, symbols, maps), hidden))


def same(one, other, symbols=None, other_symbols=None, version="v1"):
    return named(one, symbols)[version] == named(other, other_symbols or symbols)[version]


def blinded(high, low):
    """Return a load of 64 bits into register 1 as blinding leaves it."""
    data = halves(high, False) + insn(0x67, 11, imm=32) + insn(0xBF, 1, 11)
    return data + halves(low, True) + insn(0x4F, 1, 11)


def test_the_form_of_version_1_never_changes():
    """A change of this is version 2."""
    names = Symbols(0x1000, {0xFF0: "htab_lookup.constprop.0"})
    data = wide(1, 7) + insn(0x85, imm=-16) + insn(0x15, 0, off=1) + MOVE + EXIT
    expected = ["18 1 map 0 1 4 8 0", "85 0 htab_lookup", "15 0 0 0 -> 2", "b7 0 0 0 2", "95 0 0 0 0"]
    assert lines(data, names) == expected
    digest = hashlib.sha256("\n".join(expected).encode()).hexdigest()
    assert fingerprints(form(data, names, {7: MAPS[7]}))[0] == "v1:" + digest
    calls = [expected[0], "85 0 *", *expected[2:]]
    addresses = ["18 1 address 0", *expected[1:], "map 1 4 8 0"]
    both = ["18 1 address 0", "85 0 *", *expected[2:], "map 1 4 8 0"]
    for text, lines_of in zip(fingerprints(form(data, names, {7: MAPS[7]}))[1:], (calls, addresses, both)):
        assert text.partition(":")[2] == hashlib.sha256("\n".join(lines_of).encode()).hexdigest()
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
    one, other = insn(0x85, imm=16384) + EXIT, insn(0x85) + EXIT
    assert same(one, other, names, Symbols(), version="v1h") and not same(one, other, names, Symbols())
    assert list(named(EXIT, hidden=True)) == ["v1h", "v1hb"]
    # functions of the program itself are not hidden
    one = insn(0x85, src=1, off=1, imm=1) + EXIT + MOVE + EXIT
    assert same(one, insn(0x85, src=1, off=1) + one[8:], names, Symbols(), version="v1h")


def test_references_to_maps_that_blinding_took():
    plain = wide(1, 7) + wide(2, 9, 8) + wide(1, 7) + EXIT
    # what the kernel keeps of them: two addresses of its own
    data = blinded(-2, 5) + blinded(-2, 900) + blinded(-2, 5) + EXIT
    found = named(data, maps={7: MAPS[7], 9: MAPS[9]})
    assert list(found) == ["v1b", "v1hb"]
    assert found["v1b"] == named(plain, maps={7: MAPS[7], 9: MAPS[9]})["v1b"]
    # neither another order nor other maps
    assert found["v1b"] != named(wide(1, 7) + wide(2, 9, 8) * 2 + EXIT, maps={7: MAPS[7], 9: MAPS[9]})["v1b"]
    assert found["v1b"] != named(plain, maps={7: MAPS[7], 9: (2, 4, 32, 0)})["v1b"]


def test_blinded_addresses_of_a_program_without_maps_are_no_maps():
    found = named(blinded(-2, 5) + EXIT, maps={})
    assert list(found) == ["v1", "v1h", "v1b", "v1hb"]
    assert found == named(wide(0, 5, -2) + EXIT, maps={})


def test_blinded_numbers_are_no_addresses():
    assert named(blinded(1, 5) + EXIT)["v1"] == named(wide(0, 5, 1) + EXIT)["v1"]


def test_map_that_is_not_known():
    with pytest.raises(KeyError):
        lines(wide(1, 1234))


def test_jumps_that_lead_nowhere():
    assert lines(insn(0x05, off=9)) == ["05 0 0 0 -> elsewhere"]
    assert lines(insn(0x85, src=1, off=9)) == ["85 0 function elsewhere"]
