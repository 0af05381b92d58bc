# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Images of the JIT compiler as records."""

from __future__ import annotations

import re

from .record import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._objects.jit_log import Image

_ADDRESS = re.compile(r"[0-9a-f]{8}|[0-9a-f]{16}")


def record(image: Image) -> dict:
    """Return the record of an image, its code in hexadecimal."""
    found = {
        "line": image.line,
        "time": image.time,
        "flen": image.flen,
        "proglen": image.proglen,
        "pass": image.pass_number,
        "image": image.image,
        "from": image.comm,
        "pid": image.pid,
        "complete": image.complete,
        "code": image.code.hex(),
    }
    reasons = {"time": "not in the log"} if image.time is None else {}
    why = _hidden(image.image)
    if why:
        reasons["image"] = why
    if image.pid is None:
        reasons.update({"from": "the line is cut", "pid": "the line is cut"})
    return hide(found, reasons)


def _hidden(text: str) -> str:
    """Return why the text of an address is none, "" where it may be one.

    %p, which kernels print since 2025 and with kptr_restrict=0 before, hashes an address to 32 bits, and fills 64 with
    zeros in front. On machines of 32 bits nothing tells a hash from an address.
    """
    if not _ADDRESS.fullmatch(text) or not text.strip("0"):
        return "hidden by the kernel"
    return "hashed by the kernel" if len(text) == 16 and text.startswith("00000000") else ""
