# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._insn.source import rodata_sha256, source_id

ENTRY = "int filter(struct __sk_buff * skb)"
PART = "int part(const enum mode * how)"
STRINGS = [b"int", b".rodata", b"filter", b"part"]


def made(type_name="xdp", entry=ENTRY, strings=tuple(STRINGS), prototypes=(ENTRY, PART)):
    return source_id(type_name, entry, strings, prototypes)


def test_the_form_of_version_1_never_changes():
    """A change of this is version 2."""
    assert made()[:20] == "v1:03671640a02a1264b"


def test_the_order_does_not_count():
    assert made(strings=reversed(STRINGS + STRINGS), prototypes=[PART, ENTRY]) == made()


@pytest.mark.parametrize(
    "changed",
    [
        {"type_name": "tc"},
        {"entry": PART},
        {"strings": STRINGS[1:]},
        {"strings": [*STRINGS, b"x"]},
        {"prototypes": [ENTRY]},
        {"prototypes": [ENTRY, PART.replace("int ", "long ")]},
        {"strings": [b"int.rodata", b"filter", b"part"]},
    ],
)
def test_what_makes_it_another_program(changed):
    assert made(**changed) != made()


@pytest.mark.parametrize(
    "changed",
    [
        # what libbpf makes of BTF for kernels that do not know a kind
        {"strings": [b"int", b"_rodata", b"filter", b"part"]},
        {"strings": [*STRINGS, b"enum64_placeholder"]},
        {"prototypes": [ENTRY, PART.replace("enum", "union")]},
        {"prototypes": [ENTRY, PART.replace("const ", "")]},
    ],
)
def test_what_only_the_age_of_the_kernel_makes(changed):
    assert made(**changed) == made()


def test_constants():
    shape = (2, 4, 16, 0x80)
    one = rodata_sha256([(shape, [b"ab", b"c"])])
    assert one == rodata_sha256([(shape, [b"abc"])])
    assert one != rodata_sha256([(shape, [b"abd"])]) != rodata_sha256([((2, 4, 8, 0x80), [b"abc"])])
    assert rodata_sha256([(shape, [b"a"]), (shape, [b"b"])]) != rodata_sha256([(shape, [b"b"]), (shape, [b"a"])])
    assert rodata_sha256([(shape, [b"ab"]), (shape, [])]) != rodata_sha256([(shape, [b"a"]), (shape, [b"b"])])
    assert rodata_sha256([]) == hashlib.sha256(b"").hexdigest()
