# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Bytes of a C string <-> text, so that the bytes up to the first NUL can be told from the text again."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")


def text(data: bytes) -> str:
    r"""Return the text up to the first NUL; bytes that are not UTF-8 or do not print become ``\xNN``.

    A backslash before an x, which would look like such an escape, is written as ``\x5c``.
    """
    data = bytes(data).split(b"\0", 1)[0].replace(b"\\x", b"\\x5cx")
    line = data.decode("utf-8", "backslashreplace")
    return line if line.isprintable() else "".join(map(_visible, line))


def texts(column: Iterable[bytes]) -> list[str]:
    """Return the text of each item."""
    return [text(item) for item in column]


def untext(line: str) -> bytes:
    r"""Return the bytes of a text, ``\xNN`` being one byte each; raises ValueError for what no text has."""
    data = line.encode("utf-8")
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), data) if b"\\x" in data else data


def _visible(character: str) -> str:
    return character if character.isprintable() else "".join(map("\\x{:02x}".format, character.encode("utf-8")))
