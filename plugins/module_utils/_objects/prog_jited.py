# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct

from .._kernel.info import Array, InfoCall
from .._uapi import layout

# Most programs fit; the arrays grow for those that do not.
_USUAL_BYTES, _USUAL_LINES = 1 << 16, 1024
_FUNCTION = struct.Struct("=II")
_LINE = struct.Struct("=IIII")

HIDDEN, NOT_COMPILED, DEVICE = "hidden by kptr_restrict", "not compiled", "compiled for a device"


class Code:
    """The machine code of one program, and what the kernel keeps beside it.

    ``data`` are the bytes of all functions one after the other, None where they are not told, with ``why``. One item a
    function have ``addresses`` (None where the kernel keeps none), ``lengths`` in bytes, ``tags`` (8 bytes each) and,
    with BTF, ``types`` (ids of functions in the BTF with ``btf_id``). ``lines`` are (address, file name, text,
    line << 10 | column), names and texts as offsets into the strings of that BTF. ``name`` is that of the program.
    """

    __slots__ = ("addresses", "btf_id", "data", "lengths", "lines", "name", "tags", "types", "why")

    def __init__(self, why: str = "") -> None:
        self.data: bytes | None = None
        self.why = why
        self.addresses: list[int] | None = None
        self.lengths: list[int] = []
        self.tags: list[bytes] = []
        self.types: list[int] = []
        self.lines: list[tuple[int, int, int, int]] = []
        self.btf_id = 0
        self.name = b""


class Reader:
    """Reads the machine code of programs by descriptor; made once for many."""

    def __init__(self) -> None:
        self._code = Array("jited_prog_insns", "jited_prog_len", 1, capacity=_USUAL_BYTES)
        self._addresses = Array("jited_ksyms", "nr_jited_ksyms", 8)
        self._lengths = Array("jited_func_lens", "nr_jited_func_lens", 4)
        self._functions = Array("func_info", "nr_func_info", layout.FUNC_INFO_SIZE, "func_info_rec_size")
        self._lines = Array("line_info", "nr_line_info", layout.LINE_INFO_SIZE, "line_info_rec_size", _USUAL_LINES)
        self._places = Array("jited_line_info", "nr_jited_line_info", 8, "jited_line_info_rec_size", _USUAL_LINES)
        self._tags = Array("prog_tags", "nr_prog_tags", 8)
        arrays = (self._code, self._addresses, self._lengths, self._functions, self._lines, self._places, self._tags)
        self._call = InfoCall(layout.PROG_INFO, layout.PROG_INFO_SIZE, arrays)

    def read(self, fd: int) -> Code:
        """Return the machine code of the program behind a descriptor; raises `KernelError`."""
        info = self._call.read(fd)
        if not info.xlated_prog_len:
            return Code("EPERM")
        if info.ifindex:
            # It may be any processor's, and the counts of what is beside it are what was sent.
            return Code(DEVICE)
        if not info.jited_prog_len:
            return Code(NOT_COMPILED)
        if not info.jited_prog_insns:
            # The length stays, the pointer is taken back.
            return Code(HIDDEN)
        code = Code()
        code.data = self._code.data(min(info.jited_prog_len, self._code.capacity))
        code.name = info.name.partition(b"\0")[0]
        self._add_functions(code, info)
        if self._call.has("prog_tags"):
            self._add_sources(code, info)
        # The symbol of the first function has the tag of the program, not that of the function.
        code.tags = [info.tag, *code.tags[1:]]
        return code

    def _add_functions(self, code: Code, info) -> None:
        # Before Linux 5.0 only programs of several functions have addresses and lengths of them.
        if info.jited_ksyms and info.nr_jited_ksyms:
            code.addresses = _numbers(self._addresses.data(info.nr_jited_ksyms))
        if info.jited_func_lens:
            code.lengths = self._lengths.u32(info.nr_jited_func_lens)
        code.lengths = code.lengths or [info.jited_prog_len]

    def _add_sources(self, code: Code, info) -> None:
        code.btf_id = info.btf_id
        raw = self._tags.data(info.nr_prog_tags)
        code.tags = [raw[start : start + 8] for start in range(0, len(raw), 8)]
        code.types = [kind for _slot, kind in _FUNCTION.iter_unpack(self._functions.data(info.nr_func_info))]
        if info.jited_line_info and info.nr_jited_line_info == info.nr_line_info:
            places = _numbers(self._places.data(info.nr_jited_line_info))
            lines = _LINE.iter_unpack(self._lines.data(info.nr_line_info))
            code.lines = [(place, *line[1:]) for place, line in zip(places, lines)]


def _numbers(data: bytes) -> list[int]:
    return list(memoryview(data).cast("Q"))
