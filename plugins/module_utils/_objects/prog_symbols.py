# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Where the compiled functions of programs lie, and what makes up their symbols."""

from __future__ import annotations

import struct

from .._kernel import errors
from .._kernel.info import Array, InfoCall
from .._uapi import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FUNCTION = struct.Struct("=II")


class Compiled:
    """The functions of one program.

    ``addresses`` and ``lengths`` (bytes) have one item a compiled function, None where they are hidden and [] where the
    kernel has none; ``tags`` 8 bytes a function, the first of several not that of the program; ``types`` the BTF type
    ids of the functions in the BTF with ``info.btf_id``. ``info`` is bpf_prog_info, None where reading failed with
    ``error``. ``told`` is whether the kernel tells of the code at all, ``compiled`` whether it is machine code.
    """

    __slots__ = ("addresses", "compiled", "error", "id", "info", "lengths", "tags", "told", "types")

    def __init__(self, number: int) -> None:
        self.id = number
        self.info: Any = None
        self.error: errors.KernelError | None = None
        self.told = False
        self.compiled = False
        self.addresses: list[int] | None = []
        self.lengths: list[int] = []
        self.tags: list[bytes] = []
        self.types: list[int] = []


class Reader:
    """Reads programs by descriptor; made once for many."""

    def __init__(self) -> None:
        self._addresses = Array("jited_ksyms", "nr_jited_ksyms", 8)
        self._lengths = Array("jited_func_lens", "nr_jited_func_lens", 4)
        self._functions = Array("func_info", "nr_func_info", layout.FUNC_INFO_SIZE, "func_info_rec_size")
        self._tags = Array("prog_tags", "nr_prog_tags", 8)
        arrays = (self._addresses, self._lengths, self._functions, self._tags)
        self._call = InfoCall(layout.PROG_INFO, layout.PROG_INFO_SIZE, arrays)

    def read(self, number: int, fd: int) -> Compiled:
        """Return the functions of the program behind a descriptor; an error of the kernel's is in it, not raised."""
        found = Compiled(number)
        try:
            found.info = info = self._call.read(fd)
        except errors.KernelError as error:
            found.error = error.with_traceback(None)
            return found
        # What a device runs has no symbols here, and the counts are what was sent.
        if not info.xlated_prog_len or info.ifindex:
            return found
        found.told = True
        found.compiled = info.jited_prog_len > 0
        if found.compiled:
            self._add(found, info)
        return found

    def _add(self, found: Compiled, info: Any) -> None:
        # The counts stay where addresses are hidden, the pointers are taken back.
        if info.jited_ksyms:
            found.addresses = list(memoryview(self._addresses.data(info.nr_jited_ksyms)).cast("Q"))
        elif info.nr_jited_ksyms:
            found.addresses = None
        if info.jited_func_lens:
            found.lengths = self._lengths.u32(info.nr_jited_func_lens)
        # Before Linux 5.0 only programs of several functions have addresses, and none has tags of them.
        if self._call.has("prog_tags"):
            raw = self._tags.data(info.nr_prog_tags)
            found.tags = [raw[start : start + 8] for start in range(0, len(raw), 8)]
            found.types = [kind for _slot, kind in _FUNCTION.iter_unpack(self._functions.data(info.nr_func_info))]
        found.tags = found.tags or [info.tag]
