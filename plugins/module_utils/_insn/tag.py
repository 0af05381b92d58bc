# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Which hash the tag of a program is made with: SHA-1, or SHA-256 from Linux 6.18 on.

The tag is the beginning of the hash of the instructions as they were loaded, references to maps set to zero. Where the
verifier has rewritten nothing those are the instructions that are there now, and the hash can be made again. 64 bits do
not agree by chance.
"""

from __future__ import annotations

import hashlib

from .._uapi import opcodes
from . import slots

ALGORITHMS = ("sha256", "sha1")
_MAPS = (opcodes.PSEUDO_MAP_FD, opcodes.PSEUDO_MAP_VALUE)
_IMM = 4


def algorithm(data: bytes, tag: bytes, order: slots.Order = slots.NATIVE) -> str | None:
    """Return the name of the hash that makes ``tag`` of the bytes of a program; None where it was rewritten."""
    data = _without_maps(data, order)
    return next((name for name in ALGORITHMS if _digest(name, data)[: len(tag)] == tag), None)


def _digest(name: str, data: bytes) -> bytes:
    try:
        return hashlib.new(name, data).digest()
    except ValueError:  # a host that is held to FIPS 140 may have no SHA-1
        return b""


def of_functions(data: bytes, starts: list[int], tags: list[bytes], order: slots.Order = slots.NATIVE) -> str | None:
    """Return what `algorithm` says of the first function that it says something of.

    ``starts`` are the slots at which the functions of a program begin; the tag of one is made after the rewriting.
    """
    bounds = [slot * slots.SIZE for slot in starts] + [len(data)]
    for begin, end, tag in zip(bounds, bounds[1:], tags):
        found = algorithm(data[begin:end], tag, order)
        if found:
            return found
    return None


def _without_maps(data: bytes, order: slots.Order) -> bytes:
    plain = slots.little(data, order)
    found = bytearray(data)
    for slot in slots.wide(plain):
        start = slot * slots.SIZE
        if plain[start + 1] >> 4 in _MAPS:
            for place in (start + _IMM, start + slots.SIZE + _IMM):
                found[place : place + _IMM] = bytes(len(found[place : place + _IMM]))
    return bytes(found)
