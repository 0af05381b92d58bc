# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Machine code of programs -> what the controller needs to make a listing of it; nothing is disassembled here."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right

from . import record, source_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._btf.reader import Spec
    from .._objects.prog_jited import Code

_MASK = (1 << 64) - 1
# What a direct call or jump of x86 may begin with, at any byte: its distance has 32 bits.
_BRANCH = re.compile(rb"(?s)(?=([\xe8\xe9]|\x0f[\x80-\x8f])(....))")
_DISTANCE = struct.Struct("<i")
_X86 = ("x86_64", "i386", "i486", "i586", "i686")


def functions(code: Code, names: dict[int, str], spec: Spec | None) -> list[dict[str, Any]]:
    """Return the functions of a program in their order: ``name proto address offset size``.

    ``names`` are symbols by address. A function without one is called as the kernel would call it; the name is None
    where nothing tells it. ``offset`` and ``size`` are in bytes of the code, ``address`` is hexadecimal or None.
    """
    found, offset = [], 0
    for index, size in enumerate(code.lengths):
        address = code.addresses[index] if code.addresses and index < len(code.addresses) else None
        known = spec is not None and index < len(code.types)
        found.append(
            {
                "name": names.get(address or 0) or _made_name(code, index, spec if known else None),
                "proto": (source_line.proto(spec, code.types[index]) or None) if spec and known else None,
                "address": f"0x{address:x}" if address else None,
                "offset": offset,
                "size": size,
            }
        )
        offset += size
    return found


def _made_name(code: Code, index: int, spec: Spec | None) -> str | None:
    """Return the symbol as the kernel makes it, of the tag and a name; functions without BTF are all called F."""
    if index >= len(code.tags):
        return None
    name = source_line.function_name(spec, code.types[index]) if spec else ""
    name = name or ("F" if index else record.text(code.name))
    return f"bpf_prog_{code.tags[index].hex()}{'_' if name else ''}{name}"


def unnamed(code: Code, names: dict[int, str]) -> bool:
    """Return whether functions have no symbol."""
    return any(address not in names for address in code.addresses or ())


def sources(code: Code, spec: Spec | None, linum: bool) -> list[dict[str, Any]]:
    """Return the source lines in the order of the code: ``offset`` and the keys of `source_line.line`."""
    if spec is None or not code.addresses:
        return []
    places, offset = [], 0
    for address, size in zip(code.addresses, code.lengths):
        places.append((address, address + size, offset))
        offset += size
    places.sort()
    found = []
    for address, file, line, position in code.lines:
        start, end, offset = places[max(bisect_right(places, (address + 1,)) - 1, 0)]
        head = source_line.line(spec, file, line, position, linum)
        if start <= address < end and head:
            found.append(dict(head, offset=offset + address - start))
    return sorted(found, key=lambda head: head["offset"])


def targets(code: Code, machine: str) -> set[int]:
    """Return the addresses that calls and jumps out of the functions may go to, more than they do; x86 only.

    Where an instruction begins is not known here: each byte is taken for the first of one.
    """
    found: set[int] = set()
    if machine not in _X86 or not code.addresses or not code.data:
        return found
    offset = 0
    for address, size in zip(code.addresses, code.lengths):
        for match in _BRANCH.finditer(code.data, offset, offset + size):
            distance = _DISTANCE.unpack(match[2])[0]
            target = address + match.end(2) - offset + distance & _MASK
            if not address <= target < address + size:
                found.add(target)
        offset += size
    return found


def symbols(called: set[int], names: dict[int, str], functions: list[dict[str, Any]]) -> dict[str, str]:
    """Return the names of what is called by hexadecimal address; ``names`` are symbols by address.

    The program's own functions (records of `functions`) have names also where the kernel exports none of programs.
    """
    own = {function["address"]: function["name"] for function in functions}
    found = {f"0x{address:x}": names.get(address) for address in sorted(called)}
    return {where: name or own[where] for where, name in found.items() if name or own.get(where)}
