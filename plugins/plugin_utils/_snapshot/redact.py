# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Texts and values without the addresses of the kernel they come from, so that they can be handed on.

Rather a constant too many is masked than an address too few. An address is what begins with a byte of ones, as on
x86_64, aarch64 and riscv64, or with c0, as on ppc64le; those of s390x and of 32 bits look like any other number.
"""

from __future__ import annotations

import re
from typing import Any

from ...module_utils._uapi.helper_ids import NAMES

MASK = "KADDR"
# The last page is that of error numbers.
_ERRORS = (1 << 64) - 4096
_WORD = re.compile(r"(?<!\w)(?:0x)?(?:[fF]{2}|[cC]0)[0-9a-fA-F]{14}(?!\w)")
# Of a call: the distance to the function. Small numbers are those of helpers, the same on every host.
_CALL = re.compile(r"(call [^\s#]+#)(-?[0-9]+)(?!\w)")
# Blinding splits a constant in two; only it uses this register.
_HALF = re.compile(r"\b([rw]11 \^?= )-?(?:0x)?[0-9a-f]+\b")
_BYTES = re.compile(r"^[0-9a-f]{2}(?: [0-9a-f]{2}){7,}$")
_LINE = re.compile(r"^(\s*[0-9a-f]+:\t)(\S+)(.*)$")
_NUMBER = re.compile(r"<[^>]*>|(?<![\w.%])-?(?:0x[0-9a-fA-F]+|[0-9]+)\b")
_SMALL = 0x1000
# Machines of fixed length build an address out of pieces of 12 to 32 bits with these.
_PIECES = (
    "mov",
    "li",
    "lis",
    "lui",
    "ori",
    "oris",
    "xori",
    "addi",
    "addis",
    "auipc",
    "iih",
    "iil",
    "llih",
    "llil",
    "lg",
)
_BRANCHES = ("j", "b", "call", "cb", "tb")


def plain(text: str) -> str:
    """Return a text with all whole addresses masked."""
    return _WORD.sub(_whole, text)


def _whole(match: re.Match[str]) -> str:
    return MASK if _is_address(int(match[0], 16)) else match[0]


def _is_address(number: int) -> bool:
    return number >> 56 in (0xFF, 0xC0) and number < _ERRORS


def xlated(text: str) -> str:
    """Return a listing or a graph of instructions without addresses, distances of calls, and halves of constants."""
    text = _CALL.sub(lambda match: match[1] + _distance(match[2]), plain(text))
    return _HALF.sub(rf"\1{MASK}", text)


def _distance(number: str) -> str:
    return number if 0 <= int(number) < len(NAMES) else MASK


def jited(text: str, machine: str) -> str:
    """Return a listing of machine code without numbers that an address could be made of."""
    lines = text.splitlines(keepends=True)
    offsets = [int(match[1].strip(" \t:"), 16) for match in map(_LINE.match, lines) if match]
    end = max(offsets, default=0) + 16
    return "".join(_instruction(line, machine, end) for line in lines)


def _instruction(line: str, machine: str, end: int) -> str:
    match = _LINE.match(line.rstrip("\n"))
    if match is None:
        return plain(line)
    place, operation, operands = match.groups()
    most = _SMALL
    if operation.startswith(_BRANCHES):
        most = end
    elif machine != "x86_64" and operation.startswith(_PIECES):
        most = 1
    ending = "\n" if line.endswith("\n") else ""
    return f"{place}{operation}{_NUMBER.sub(lambda number: _below(number[0], most), operands)}{ending}"


def _below(number: str, most: int) -> str:
    if number.startswith("<"):
        return plain(number)
    value = abs(int(number, 0))
    return number if value < most or _ERRORS <= value < 1 << 64 else MASK


def value(found: Any) -> Any:
    """Return a record with every address in it masked, as a number, as text and as bytes in hexadecimal."""
    if isinstance(found, dict):
        return {key: part if key in ("tag", "prog_tags") else value(part) for key, part in found.items()}
    if isinstance(found, list):
        return [value(part) for part in found]
    if isinstance(found, str):
        return _bytes(found) if _BYTES.match(found) else plain(found)
    if isinstance(found, int) and not isinstance(found, bool) and _is_address(found % (1 << 64)):
        return MASK
    return found


def _bytes(text: str) -> str:
    """Return bytes in hexadecimal with every eight of them masked that are an address in one of the byte orders."""
    data, shown = bytes.fromhex(text), text.split(" ")
    for start in range(len(data) - 7):
        eight = data[start : start + 8]
        if _is_address(int.from_bytes(eight, "little")) or _is_address(int.from_bytes(eight, "big")):
            shown[start : start + 8] = ["**"] * 8
    return " ".join(shown)
