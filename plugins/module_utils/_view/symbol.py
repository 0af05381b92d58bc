# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Names and places of symbols of BPF, for the target that lists them and the controller that looks addresses up."""

from __future__ import annotations

import re
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

PROG = "prog"
_PROGRAM = re.compile(r"(__cfi_)?bpf_prog_([0-9a-f]{16})(?:_(.+))?")
# What begins the names of the other symbols -> what they are.
_KINDS = (("bpf_trampoline_", "trampoline"), ("bpf_dispatcher_", "dispatcher"), ("bpf__", "struct_ops"))
# The kernel gives a trampoline or dispatcher a page, and does not tell how much of it is used.
_PAGE = 4096
_WORD = 1 << 64


def parse(name: str) -> tuple[str, str | None, str | None]:
    """Return kind, tag and function of a symbol: ``bpf_prog_<tag>_<function>`` has a tag, the others have none."""
    match = _PROGRAM.fullmatch(name)
    if match:
        return ("cfi" if match[1] else PROG), match[2], match[3]
    return next((kind for start, kind in _KINDS if name.startswith(start)), "other"), None, None


def parse_address(text: object) -> int | None:
    """Return the number of an address: hexadecimal with or without 0x, or a number; None where it is none.

    YAML reads 0xffffffffc0025cd0 as a number, which templates make a decimal text of: one of more than 16 digits.
    """
    if isinstance(text, bool):
        return None
    if isinstance(text, int):
        return text if 0 <= text < _WORD else None
    if not isinstance(text, str) or not re.fullmatch(r"\s*(0[xX])?[0-9a-fA-F]{1,20}\s*", text):
        return None
    word = text.strip()
    decimal = len(word) > 16 and word.isdigit()
    number = int(word, 10 if decimal else 16)
    return number if number < _WORD else None


def show(address: int) -> str:
    """Return an address as text."""
    return f"{address:#018x}"


class Spans:
    """Looks addresses up in symbols: ``(address, size or None, anything)`` each, those without an address left out.

    What has no size reaches to the next symbol and no farther than a page.
    """

    def __init__(self, symbols: Iterable[tuple[int | None, int | None, Any]]) -> None:
        known = sorted(((at, size, what) for at, size, what in symbols if at is not None), key=lambda one: one[0])
        self._starts = [at for at, _size, _what in known]
        self._known = known

    def find(self, address: int) -> tuple[Any, int] | None:
        """Return the symbol that an address lies in and the offset in it; the first of several at one place."""
        place = bisect_right(self._starts, address) - 1
        if place < 0:
            return None
        place = bisect_right(self._starts, self._starts[place] - 1)
        start, size, what = self._known[place]
        offset = address - start
        return (what, offset) if offset < (_PAGE if size is None else size) else None
