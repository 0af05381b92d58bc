# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Hashes of what a program is made from: its object file as far as BTF tells of it, and its constants."""

from __future__ import annotations

import hashlib
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

SOURCE = "v1"
# What libbpf changes in BTF that a kernel is too old for: names of sections (before 5.2 and, the question mark, 6.9)
# get underscores, enums of 64 bits (before 6.0) become unions with this in them, and type tags (before 5.17) const.
_ADDED = b"enum64_placeholder"
_SECTION = bytes.maketrans(b".?", b"__")
_KEYWORD = re.compile(r"\b(const|enum|struct|union) ")


def source_id(type_name: str, entry: str, strings: Iterable[bytes], prototypes: Iterable[str]) -> str:
    """Return ``v1:`` and the hash of a program's type, the prototype of its first function (``entry``), and of the
    strings and the prototypes of all functions of its BTF."""
    words = {string.translate(_SECTION) for string in strings if string != _ADDED}
    functions = {_plain(prototype) for prototype in prototypes}
    parts = [type_name.encode(), _plain(entry), b"strings", *sorted(words), b"functions", *sorted(functions)]
    return f"{SOURCE}:{hashlib.sha256(_joined(parts)).hexdigest()}"


def _plain(prototype: str) -> bytes:
    return _KEYWORD.sub("", prototype).encode("utf-8", "backslashreplace")


def _joined(parts: Iterable[bytes]) -> bytes:
    # With their lengths: what is in a string cannot look like the next one.
    return b"".join(b"%d:%s" % (len(part), part) for part in parts)


def rodata_sha256(maps: Iterable[tuple[tuple[int, ...], Iterable[bytes]]]) -> str:
    """Return the hash of the contents of maps: (numbers that tell its shape, its bytes in parts) for each."""
    found = hashlib.sha256()
    for shape, parts in maps:
        content = hashlib.sha256()
        for part in parts:
            content.update(part)
        found.update(" ".join(map(str, shape)).encode() + b" " + content.hexdigest().encode() + b"\n")
    return found.hexdigest()
