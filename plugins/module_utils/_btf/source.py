# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""The content of a file -> the BTF in it, whether the file is BTF itself or an object file, a kernel or a module."""

from __future__ import annotations

from . import elf, header
from .errors import BtfError
from .reader import Spec


def spec(content: bytes, base: Spec | None = None) -> Spec:
    """Return the types of a file; raises BtfError. ``base`` is for split BTF that does not bring its own."""
    blob, own_base = blobs(content)
    if own_base:
        # What resolve_btfids leaves in a module since Linux 6.11: enough of vmlinux to find it again.
        base = Spec(own_base)
    if base is None and is_split(blob):
        raise BtfError("this BTF is split: it counts on from that of vmlinux, which has to be given as its base")
    return Spec(blob, base if own_base or is_split(blob) else None)


def blobs(content: bytes) -> tuple[bytes, bytes]:
    """Return (BTF, BTF that it is based on or b"") of the content of a file."""
    if not content.startswith(elf.MAGIC):
        return content, b""
    found = elf.sections(content)
    if not found.get(".BTF"):
        raise BtfError("the file has no .BTF section; clang writes one with -g")
    return found[".BTF"], found.get(".BTF.base", b"")


def is_split(blob: bytes) -> bool:
    """Tell if BTF goes on where another one ends: only the strings of a whole one begin with an empty name."""
    _order, places = header.sections(blob)
    start, end = places[1]
    return start < end and blob[start] != 0
