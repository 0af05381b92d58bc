# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct

from .._kernel import errors, kallsyms
from .._kernel.info import Array, InfoCall
from .._uapi import layout

_CALL_BASE = "__bpf_call_base"
# Most programs fit; the array grows for those that do not.
_USUAL_BYTES = 1 << 16
_FUNCTION = struct.Struct("=II")
_LINE = struct.Struct("=IIII")


class Code:
    """The code of one program after the verifier, and what the kernel keeps beside it.

    ``data`` are the bytes, None where they are not told, with ``why``; ``functions`` are (slot, BTF type id), ``lines``
    (slot, file name, text, line << 10 | column), names and texts as offsets into the strings of the BTF with
    ``btf_id``. ``addresses`` are those of the compiled functions, None where they are hidden; ``count`` says how many
    functions were compiled.
    """

    __slots__ = ("addresses", "btf_id", "count", "data", "functions", "lines", "why")

    def __init__(self, why: str = "") -> None:
        self.data: bytes | None = None
        self.why = why
        self.functions: list[tuple[int, int]] = []
        self.lines: list[tuple[int, int, int, int]] = []
        self.addresses: list[int] | None = None
        self.count = 0
        self.btf_id = 0


class Reader:
    """Reads the code of programs by descriptor; made once for many."""

    def __init__(self) -> None:
        self._code = Array("xlated_prog_insns", "xlated_prog_len", 1, capacity=_USUAL_BYTES)
        self._addresses = Array("jited_ksyms", "nr_jited_ksyms", 8)
        self._functions = Array("func_info", "nr_func_info", layout.FUNC_INFO_SIZE, "func_info_rec_size")
        self._lines = Array("line_info", "nr_line_info", layout.LINE_INFO_SIZE, "line_info_rec_size", capacity=1024)
        arrays = (self._code, self._addresses, self._functions, self._lines)
        self._call = InfoCall(layout.PROG_INFO, layout.PROG_INFO_SIZE, arrays)

    def read(self, fd: int) -> Code:
        """Return the code of the program behind a descriptor; raises `KernelError`."""
        info = self._call.read(fd)
        code = Code()
        if not info.xlated_prog_len:
            code.why = "EPERM"
        elif not info.xlated_prog_insns:
            # A program with blinded constants, and somebody who may not see addresses: it would tell the constants.
            code.why = "hidden by kptr_restrict"
        else:
            code.data = self._code.data(min(info.xlated_prog_len, self._code.capacity))
        # What a device runs has neither functions nor lines here, and the counts are what was sent.
        if info.xlated_prog_len and not info.ifindex:
            self._add_functions(code, info)
        return code

    def _add_functions(self, code: Code, info) -> None:
        code.btf_id = info.btf_id
        code.count = info.nr_jited_ksyms
        # The number stays where addresses are hidden, the pointer is taken back.
        if info.jited_ksyms:
            code.addresses = list(memoryview(self._addresses.data(info.nr_jited_ksyms)).cast("Q"))
        if self._call.has("line_info"):
            code.functions = list(_FUNCTION.iter_unpack(self._functions.data(info.nr_func_info)))
            code.lines = list(_LINE.iter_unpack(self._lines.data(info.nr_line_info)))


class Names:
    """Symbols of the kernel, looked up in a table that is read once, and only when a name is asked for.

    ``hidden`` is True once the table was seen to hold no addresses, ``why`` the reason where it could not be read.
    """

    __slots__ = ("_base", "_table", "hidden", "why")

    def __init__(self) -> None:
        self._table: bytes | None = None
        self._base = 0
        self.hidden = False
        self.why: errors.KernelError | None = None

    def base(self) -> int:
        """Return the address that calls count from, 0 where it is hidden."""
        if self._table is None:
            try:
                self._table = kallsyms.read()
            except errors.KernelError as error:
                self._table, self.why = b"", error.with_traceback(None)
            self.hidden = kallsyms.is_hidden(self._table)
            self._base = kallsyms.find_names([_CALL_BASE], self._table).get(_CALL_BASE) or 0
        return self._base

    def forget(self) -> None:
        """Give back the memory of the table, which is several MiB; who asks again has it read again."""
        self._table = None

    def find(self, addresses: set[int]) -> dict[int, str]:
        """Return the names of the addresses at which a symbol begins."""
        self.base()
        found = kallsyms.find_addresses(addresses, self._table) or {}
        return {address: name for address, (name, _module) in found.items()}
