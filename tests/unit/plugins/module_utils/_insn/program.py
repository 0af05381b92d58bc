# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instructions for tests, by their fields."""

from __future__ import annotations

import pathlib
import struct

FIXTURE = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "insn" / "every_opcode.txt"


def insn(code: int, dst: int = 0, src: int = 0, off: int = 0, imm: int = 0, order: str = "little") -> bytes:
    """Return the bytes of one slot."""
    registers = src << 4 | dst if order == "little" else dst << 4 | src
    return struct.pack("<BBhi" if order == "little" else ">BBhi", code, registers, off, imm)


def golden() -> list[tuple[bytes, str]]:
    """Return (little-endian bytes, the kernel's text) of every line of the fixture."""
    lines = [line for line in FIXTURE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [(bytes.fromhex(line.partition(" ")[0]), line.partition(" ")[2]) for line in lines]


MOVE = insn(0xB7, 0, imm=2)
EXIT = insn(0x95)
