# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import io
import re

from . import procfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable, Iterator

PATH = "/proc/kallsyms"

# The table has 100,000 lines and more. One search of it costs about 1 ms, looking at each of its lines about 20 ms.
_FEW = 16
# What is in front of the name or behind it in lines that BPF may have put into the table.
_MARKS = (b"\t[bpf]", b" bpf_prog_", b" bpf_trampoline_")
# Before Linux 5.8 these symbols had no module.
_BPF = re.compile(rb"([0-9a-f]+) \w (?:(\S+)\t\[bpf\]|(bpf_prog_[0-9a-f]{16}(?:_\S*)?|bpf_trampoline_\d+\S*))")


def read() -> bytes:
    """Return the whole symbol table, for callers that ask it more than one question; raises `KernelError`."""
    return procfs.read(PATH)


def is_hidden(table: bytes) -> bool:
    """Return whether the kernel shows zeros instead of addresses (kptr_restrict, or no CAP_SYSLOG).

    The last line tells: at the head of the table a symbol of the per-CPU area may really be at address zero.
    """
    last = table[table.rfind(b"\n", 0, -1) + 1 :]
    return not last.partition(b" ")[0].strip(b"0")


def find_names(names: Iterable[str], table: bytes | None = None) -> dict[str, int | None]:
    """Return the address of each symbol that exists; None as address means that it exists and its address is hidden.

    Names are whole, without a module; where a name occurs more than once the first occurrence counts. Raises
    `KernelError` where the table cannot be read.
    """
    table = read() if table is None else table
    wanted = {name.encode("utf-8", "backslashreplace"): name for name in names}
    lines = _lines_of_names(table, wanted) if len(wanted) <= _FEW else _lines_among(table, wanted, _name)
    hidden = is_hidden(table)
    return {wanted[_name(line)]: None if hidden else int(line.partition(b" ")[0], 16) for line in lines}


def find_addresses(addresses: Iterable[int], table: bytes | None = None) -> dict[int, tuple[str, str | None]] | None:
    """Return (name, module or None) of each address at which a symbol begins; None when addresses are hidden.

    An address with several names gets the first, as in the kernel's own lookups. Raises `KernelError` where the table
    cannot be read.
    """
    table = read() if table is None else table
    if is_hidden(table):
        return None
    width = table.find(b" ")
    wanted = {b"%0*x" % (width, address): address for address in addresses}
    lines = _lines_of_addresses(table, wanted) if len(wanted) <= _FEW else _lines_among(table, wanted, _address)
    return {wanted[_address(line)]: _symbol(line) for line in lines}


def bpf_symbols(table: bytes) -> list[tuple[int | None, str]]:
    """Return (address, name) of every symbol that BPF has put into the table, in its order; None: hidden.

    These are functions of programs, and the code that the kernel makes to call programs.
    """
    hidden = is_hidden(table)
    starts = sorted({table.rfind(b"\n", 0, at) + 1 for mark in _MARKS for at in _places(table, mark)})
    found = []
    for start in starts:
        match = _BPF.fullmatch(_line_at(table, start))
        if match:
            found.append((None if hidden else int(match[1], 16), _text(match[2] or match[3])))
    return found


def _places(table: bytes, mark: bytes) -> Iterator[int]:
    at = table.find(mark)
    while at >= 0:
        yield at
        at = table.find(mark, at + 1)


def _lines_of_names(table: bytes, wanted: Iterable[bytes]) -> Iterator[bytes]:
    # The kernel's own symbols come first and end their line; those of modules and programs have a tab and the module.
    modules = table.find(b"[")
    modules = len(table) if modules < 0 else modules
    for name in wanted:
        at = table.find(b" " + name + b"\n", 0, modules)
        if at < 0:
            at = table.find(b" " + name + b"\t", table.rfind(b"\n", 0, modules) + 1)
        if at >= 0:
            yield _line_at(table, at)


def _lines_of_addresses(table: bytes, wanted: Iterable[bytes]) -> Iterator[bytes]:
    for address in wanted:
        needle = address + b" "
        at = 0 if table.startswith(needle) else table.find(b"\n" + needle) + 1
        if table.startswith(needle, at):
            yield _line_at(table, at)


def _lines_among(table: bytes, wanted: Iterable[bytes], key: Callable[[bytes], bytes]) -> Iterator[bytes]:
    missing = set(wanted)
    # One line at a time: a list of them all would take three times the memory of the table.
    for raw in io.BytesIO(table):
        line = raw.rstrip(b"\n")
        found = key(line)
        if found in missing:
            missing.discard(found)
            yield line


def _line_at(table: bytes, at: int) -> bytes:
    end = table.find(b"\n", at)
    return table[table.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(table)]


def _address(line: bytes) -> bytes:
    return line.partition(b" ")[0]


def _name(line: bytes) -> bytes:
    return line.partition(b"\t")[0].rpartition(b" ")[2]


def _symbol(line: bytes) -> tuple[str, str | None]:
    module = line.partition(b"\t")[2].strip(b" []")
    return _text(_name(line)), _text(module) if module else None


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
