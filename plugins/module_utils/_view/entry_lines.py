# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Lines of JSON as a dump writes them -> the texts of keys and values, without a look at each line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence

_BEFORE, _BETWEEN, _AFTER = '{"key":"', '","value":"', '"}\n'
_ANY = "\0"


def columns(lines: Sequence[bytes], key: int, value: int) -> tuple[list[str], list[str]] | None:
    """Return the texts of keys and values, which have ``key`` and ``value`` characters each.

    None where some line looks different. What the texts are is not looked at.
    """
    text, count = b"".join(lines).decode("latin-1"), len(lines)
    row = _BEFORE + _ANY * key + _BETWEEN + _ANY * value + _AFTER
    width = len(row)
    if len(text) != width * count:
        return None
    if any(text[at::width] != char * count for at, char in enumerate(row) if char != _ANY):
        return None
    first, second = len(_BEFORE), len(_BEFORE) + key + len(_BETWEEN)
    return (
        [text[at : at + key] for at in range(first, len(text), width)],
        [text[at : at + value] for at in range(second, len(text), width)],
    )
