# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors, procfs
from .._kernel.info import Array, InfoCall
from .._uapi import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

from . import ids

# Of 38 fields: a program is unpacked thousands of times, and of the others nothing is in its record.
FIELDS = (
    "type", "id", "tag", "jited_prog_len", "xlated_prog_len", "load_time", "created_by_uid", "nr_map_ids", "name",
    "ifindex", "gpl_compatible", "netns_dev", "netns_ino", "btf_id", "nr_func_info", "nr_prog_tags", "run_time_ns",
    "run_cnt", "recursion_misses", "verified_insns", "attach_btf_obj_id", "attach_btf_id",
)  # fmt: skip


class Program:
    """What the kernel tells of one program.

    ``info`` is bpf_prog_info as a namedtuple of `FIELDS`, None where reading failed with ``error``. ``map_ids``
    are ints, ``tags`` 8 bytes a function, ``main_type`` the BTF type id of the first function (0: none), ``fdinfo`` the
    raw text (None: not asked for, or ``fdinfo_error``).
    """

    __slots__ = ("error", "fdinfo", "fdinfo_error", "id", "info", "main_type", "map_ids", "tags")

    def __init__(self, number: int) -> None:
        self.id = number
        self.info: Any = None
        self.map_ids: list[int] = []
        self.tags = b""
        self.main_type = 0
        self.fdinfo: bytes | None = None
        self.fdinfo_error: OSError | None = None
        self.error: errors.KernelError | None = None


class Reader:
    """Reads programs by descriptor; made once for many, since it learns the kernel's struct from the first."""

    def __init__(self, fdinfo: bool = True) -> None:
        self._map_ids = Array("map_ids", "nr_map_ids", 4)
        self._tags = Array("prog_tags", "nr_prog_tags", 8)
        self._functions = Array("func_info", "nr_func_info", 8, "func_info_rec_size", capacity=1, whole=False)
        arrays = self._map_ids, self._tags, self._functions
        self.call = InfoCall(layout.PROG_INFO, layout.PROG_INFO_SIZE, arrays, FIELDS)
        self._fdinfo = procfs.FdInfo() if fdinfo else None

    def read(self, number: int, fd: int) -> Program:
        """Return the program behind a descriptor; an error of the kernel's is in the `Program`, not raised."""
        program = Program(number)
        try:
            program.info = info = self.call.read(fd)
        except errors.KernelError as error:
            program.error = error.with_traceback(None)
            return program
        program.id = info.id
        if info.nr_map_ids:
            program.map_ids = self._map_ids.u32(info.nr_map_ids)
        # Without CAP_BPF the code has no length, and a program that a device runs has an ifindex: then the kernel left
        # before the tags and functions, and their counts are what we sent.
        if info.xlated_prog_len and not info.ifindex:
            program.tags = self._tags.data(info.nr_prog_tags)
            program.main_type = self._functions.u32(2)[1] if info.nr_func_info else 0
        if self._fdinfo is not None:
            try:
                program.fdinfo = self._fdinfo.read(fd)
            except OSError as error:
                program.fdinfo_error = error.with_traceback(None)
        return program


def scan(fdinfo: bool = True) -> tuple[Reader, Iterator[Program]]:
    """Return a reader and the programs of this host in ascending order of ids; iterating raises `KernelError`."""
    reader = Reader(fdinfo)
    return reader, ids.scan(ids.PROG, reader.read, Program)
