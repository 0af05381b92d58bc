# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Maps are made, frozen and given types. All functions raise `KernelError`."""

from __future__ import annotations

import struct
from collections import namedtuple

from .._kernel import errors, syscall
from .._kernel.fd import Fd
from .._uapi import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The fields of MAP_CREATE that are of use here; ``name`` is bytes, ``btf`` a BTF blob or b"" with the ids of two types.
Shape = namedtuple(
    "Shape", "type key_size value_size max_entries flags map_extra name btf key_type value_type numa_node"
)
_CREATE = struct.Struct("=7I16sIIII4xQ")
_LOAD = struct.Struct("=QQIII")
# Up to the size of the types: a log that nobody wants is not told of.
_WITHOUT_LOG = _LOAD.size - 8
_LOG_SIZE = 1 << 16
_FREEZE = struct.Struct("=I")
# Up to the field that came with Linux 5.16; an older kernel wants what it does not know to be zero, or left out.
_WITHOUT_EXTRA = _CREATE.size - 8


class TypesRefused(errors.KernelError):
    """The kernel does not take BTF; ``log`` is what its verifier wrote, ``last_line`` what it stopped at."""

    def __init__(self, error: errors.KernelError, log: str) -> None:
        super().__init__(error.call, error.errno)
        self.log = log
        self.last_line = log.rstrip().rpartition("\n")[2]


def create(shape: Any, inner: Fd | None = None) -> Fd:
    """Return a descriptor of a new map; ``inner`` is what the maps within it are made like."""
    btf = _load(shape.btf) if shape.btf else None
    try:
        attr = syscall.new_buffer()
        numbers = shape.type, shape.key_size, shape.value_size, shape.max_entries, shape.flags
        types = (btf.number, shape.key_type, shape.value_type) if btf else (0, 0, 0)
        inside = inner.number if inner else 0
        _CREATE.pack_into(attr, 0, *numbers, inside, shape.numa_node, shape.name, 0, *types, shape.map_extra)
        return Fd(syscall.bpf(commands.BPF_MAP_CREATE, attr, _CREATE.size if shape.map_extra else _WITHOUT_EXTRA))
    finally:
        if btf:
            btf.close()


def freeze(fd: Fd) -> None:
    """Forbid user space to write to a map for as long as it lives; programs go on. Linux 5.2."""
    attr = syscall.new_buffer()
    _FREEZE.pack_into(attr, 0, fd.number)
    syscall.bpf(commands.BPF_MAP_FREEZE, attr, _FREEZE.size)


def _load(blob: bytes) -> Fd:
    data = syscall.new_buffer(len(blob))
    data.raw = blob.ljust(len(data), b"\0")
    attr = syscall.new_buffer()
    _LOAD.pack_into(attr, 0, syscall.address(data), 0, len(blob), 0, 0)
    try:
        return Fd(syscall.bpf(commands.BPF_BTF_LOAD, attr, _WITHOUT_LOG))
    except errors.Denied:
        raise
    except errors.KernelError as error:
        refused = error
    log = syscall.new_buffer(_LOG_SIZE)
    _LOAD.pack_into(attr, 0, syscall.address(data), syscall.address(log), len(blob), _LOG_SIZE, 1)
    try:
        return Fd(syscall.bpf(commands.BPF_BTF_LOAD, attr, _LOAD.size))
    except errors.KernelError:
        # The second answer may be about the log (ENOSPC: it is longer than the room for it).
        text = log.raw.partition(b"\0")[0].decode("utf-8", "backslashreplace")
        raise TypesRefused(refused, text) if text.strip() else refused from None
