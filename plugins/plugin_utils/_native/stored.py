# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Stored bytes of programs -> listings and graphs, for filters."""

from __future__ import annotations

import functools
from typing import Any, Literal

from ...module_utils._insn import dot, flow
from ...module_utils._insn.calls import Symbols
from ...module_utils._insn.decode import decode
from ...module_utils._insn.listing import Listing
from .._errors import FleetError
from .disassemble import disassemble
from .listing import Code

_SLOT = 8


def order(byte_order: Any) -> Literal["little", "big"]:
    """The byte order that was given. FleetError for another word."""
    if byte_order == "little":
        return "little"
    if byte_order == "big":
        return "big"
    raise FleetError(f"byte_order is little or big, not {byte_order!r}")


def choose(format: Any, choices: tuple[str, ...]) -> str:
    """The format that was given. FleetError for one that is not among the choices."""
    if format not in choices:
        raise FleetError(f"format is one of {', '.join(choices)}, not {format!r}")
    return format


def instructions(data: bytes, byte_order: Any, format: Any, opcodes: bool) -> str | list[dict[str, Any]]:
    """The instructions of a program as text or records, like M(ebpf.fleet.bpf_prog_code_info)."""
    listing = Listing(_whole(data), Symbols(), order(byte_order))
    if choose(format, ("text", "records")) == "text":
        return listing.text(opcodes=opcodes)
    return list(listing.records(opcodes=opcodes))


def graph(data: bytes, byte_order: Any, opcodes: bool, title: str) -> str:
    """The control flow of a program in the language of graphviz."""
    listing = Listing(_whole(data), Symbols(), order(byte_order))
    functions = flow.functions(decode(data, order(byte_order)))
    return dot.graph(functions, dict(zip(listing.slots, listing.lines(opcodes=opcodes), strict=True)), {}, title)


def _whole(data: bytes) -> bytes:
    if len(data) % _SLOT:
        raise FleetError(f"{len(data)} bytes are no program: an instruction has {_SLOT}, or {2 * _SLOT}")
    return data


def machine_code(
    data: bytes, machine: str, address: int | str | None, byte_order: Any, functions: Any
) -> tuple[Code, bool]:
    """What is to be listed of machine code, and whether it is said to be several functions."""
    read = disassemble if byte_order is None else functools.partial(_in_order, big=order(byte_order) == "big")
    if functions is None:
        start = None if address is None else f"0x{_number(address):x}"
        functions = [{"name": None, "proto": None, "address": start, "offset": 0, "size": len(data)}]
        return Code(data, machine, functions, read=read), False
    found = [{"name": None, "proto": None, "address": None, **_function(one)} for one in functions]
    return Code(data, machine, found, read=read), True


def _in_order(data: bytes, machine: str, big: bool) -> list[dict[str, Any]]:
    return disassemble(data, machine, big_endian=big)


def _number(address: int | str) -> int:
    try:
        return address if isinstance(address, int) else int(address, 0)
    except ValueError:
        raise FleetError(f"an address is a number such as 0xffffffffc0034000, not {address!r}") from None


def _function(function: Any) -> dict[str, Any]:
    if not isinstance(function, dict) or not all(isinstance(function.get(key), int) for key in ("offset", "size")):
        raise FleetError("functions are those that bpf_prog_code_info returns: dictionaries with offset and size")
    return function
