# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Machine code of any host -> instructions, on the controller."""

from __future__ import annotations

import functools
import re
from typing import Any

from .._errors import FleetError
from . import gnu

capstone: Any = None
try:
    import capstone  # type: ignore[no-redef]

    HAS_CAPSTONE = True
except ImportError:
    HAS_CAPSTONE = False

_MASK = (1 << 64) - 1
_ROW = 16
# What uname -m tells -> names of the architecture in capstone, the first that it has; its modes; whether instructions
# are big-endian: those of ARM are not from version 6 on, whatever the data are. A 32-bit personality calls the machine
# armv8l, while the kernel compiles for 64 bits all the same.
_MACHINES: list[tuple[str, tuple[str, ...], tuple[str, ...], bool]] = [
    (r"x86_64|amd64", ("CS_ARCH_X86",), ("CS_MODE_64",), False),
    (r"i[3-6]86|x86", ("CS_ARCH_X86",), ("CS_MODE_32",), False),
    (r"aarch64|aarch64_be|arm64|armv8[lb]", ("CS_ARCH_ARM64", "CS_ARCH_AARCH64"), ("CS_MODE_ARM",), False),
    (r"arm|armv[4-7]\w*l|armv[67]\w*b", ("CS_ARCH_ARM",), ("CS_MODE_ARM",), False),
    (r"armv[45]\w*b", ("CS_ARCH_ARM",), ("CS_MODE_ARM",), True),
    (r"ppc64le|powerpc64le", ("CS_ARCH_PPC",), ("CS_MODE_64",), False),
    (r"ppc64|powerpc64", ("CS_ARCH_PPC",), ("CS_MODE_64",), True),
    (r"ppc|powerpc", ("CS_ARCH_PPC",), ("CS_MODE_32",), True),
    (r"s390x", ("CS_ARCH_SYSZ", "CS_ARCH_SYSTEMZ"), (), True),
    (r"riscv64", ("CS_ARCH_RISCV",), ("CS_MODE_RISCV64", "CS_MODE_RISCVC"), False),
    (r"riscv32", ("CS_ARCH_RISCV",), ("CS_MODE_RISCV32", "CS_MODE_RISCVC"), False),
]


def require():
    """FleetError that names the package if it is not installed beside ansible-core."""
    if not HAS_CAPSTONE:
        raise FleetError(
            "the Python package capstone is missing on the controller; install it where ansible-core runs "
            "(pip install capstone, or the package python3-capstone)"
        )


def disassemble(code: bytes, machine: str, address: int = 0, big_endian: bool | None = None) -> list[dict[str, Any]]:
    """Return the instructions as C({offset, address, bytes, text}), those of x86 in the words of GNU binutils.

    C(machine) is what C(uname -m) tells, C(address) that of the first byte: where a jump goes to is relative to it.
    C(bytes) are hexadecimal with blanks. Every byte of C(code) is in exactly one record: what is no instruction is
    a C(.byte). FleetError where capstone is missing, or does not know the machine.
    """
    engine = _engine(machine, big_endian)
    found, offset = [], 0
    for _address, size, mnemonic, operands in engine.disasm_lite(code, address & _MASK):
        text = _text(engine, code[offset : offset + size], mnemonic, operands)
        found.append(_record(code, offset, size, address, text))
        offset += size
    if offset < len(code):
        # less than what the machine could have as an instruction
        found.append(_record(code, offset, len(code) - offset, address, _bytes_text(code[offset:])))
    return found


def as_bytes(code: bytes, _machine: str) -> list[dict[str, Any]]:
    """Return records like those of C(disassemble), each of up to 16 bytes that nothing is told of."""
    starts = range(0, len(code), _ROW)
    return [_record(code, at, min(_ROW, len(code) - at), 0, _bytes_text(code[at : at + _ROW])) for at in starts]


def _text(engine, piece, mnemonic, operands):
    if engine.arch != capstone.CS_ARCH_X86 or mnemonic == ".byte":
        return f"{mnemonic} {operands}".rstrip()
    displaced = functools.partial(_is_displaced, engine.mode)
    return gnu.text(mnemonic, operands, piece, displaced, bool(engine.mode & capstone.CS_MODE_64))


@functools.lru_cache(maxsize=1 << 12)
def _is_displaced(mode, piece):
    return any(insn.encoding.disp_size for insn in _engine_with_details(mode).disasm(piece, 0))


def _record(code, offset, size, address, text):
    piece = code[offset : offset + size]
    return {"offset": offset, "address": address + offset & _MASK, "bytes": piece.hex(" "), "text": text}


def _bytes_text(piece):
    return ".byte " + ", ".join(f"0x{byte:02x}" for byte in piece)


@functools.cache
def _engine(machine, big_endian):
    require()
    for pattern, names, modes, big in _MACHINES:
        if re.fullmatch(pattern, machine):
            return _made(machine, names, modes, big if big_endian is None else big_endian)
    raise FleetError(
        f"machine code of {machine!r} cannot be disassembled: known are x86_64, i686, aarch64, arm, ppc64le, ppc64, "
        "s390x and riscv64"
    )


def _made(machine, names, modes, big):
    numbers = [getattr(capstone, name) for name in names if hasattr(capstone, name)]
    mode = sum(getattr(capstone, name, 0) for name in modes)
    mode |= capstone.CS_MODE_BIG_ENDIAN if big else capstone.CS_MODE_LITTLE_ENDIAN
    try:
        engine = capstone.Cs(numbers[0], mode)
    except (capstone.CsError, IndexError):
        raise FleetError(
            f"machine code of {machine!r} cannot be disassembled: capstone {capstone.__version__} on the controller "
            "does not know it; install a newer one (pip install --upgrade capstone)"
        ) from None
    if names == ("CS_ARCH_X86",):
        engine.syntax = capstone.CS_OPT_SYNTAX_ATT
    engine.skipdata = True
    return engine


@functools.cache
def _engine_with_details(mode):
    engine = capstone.Cs(capstone.CS_ARCH_X86, mode)
    engine.detail = True
    return engine
