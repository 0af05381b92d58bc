# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the kernel's side of link info, and what it fills in for some types."""

from __future__ import annotations

import ctypes
import errno
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import link
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands

FD = 30


class Kernel:
    """bpf(2) as the kernel does link info: copy in, let ``fill`` write what it knows of the type, copy out.

    ``reach`` is the size of its struct. ``fill`` gets a `Struct`; what it raises is the call's error.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: int, fill=lambda info: None, reach: int = 64) -> None:
        self.kind = kind
        self.fill = fill
        self.reach = reach
        self.calls = 0
        monkeypatch.setattr(syscall, "bpf", self.bpf)

    def bpf(self, cmd: int, attr, size: int) -> int:
        assert (cmd, size) == (commands.BPF_OBJ_GET_INFO_BY_FD, 16)
        self.calls += 1
        fd, length, address = struct.unpack_from("=IIQ", attr)
        assert fd == FD
        info = Struct((ctypes.c_char * length).from_address(address).raw)
        if any(info.data[self.reach :]):
            raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.E2BIG)
        info.put("=III", 0, self.kind, 7, 9)
        self.fill(info)
        ctypes.memmove(address, bytes(info.data[: self.reach]), min(length, self.reach))
        struct.pack_into("=I", attr, 4, min(length, self.reach))
        return 0

    def read(self, reader: link.Reader | None = None) -> link.Link:
        return (reader or link.Reader()).read(7, FD)


class Struct:
    """bpf_link_info in the middle of the kernel's work."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)

    def get(self, code: str, offset: int) -> int:
        return struct.unpack_from("=" + code, self.data, offset)[0]

    def put(self, code: str, offset: int, *values: int) -> None:
        struct.pack_into(code, self.data, offset, *values)

    def text(self, pointer: int, length: int, text: bytes, tells: bool = True, short: int = errno.ENOSPC) -> None:
        """Copy a string out by the rules of the kernel's; ``tells`` whether it reports the length."""
        address, room = self.get("Q", pointer), self.get("I", length)
        if bool(address) != bool(room):
            raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.EINVAL)
        if address:
            ctypes.memmove(address, (text + b"\0")[: room - 1] + b"\0", min(room, len(text) + 1))
            if room < len(text) + 1:
                raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", short)
        if tells:
            self.put("=I", length, len(text) + 1)

    def array(self, pointer: int, room: int, numbers: list[int], code: str = "Q") -> None:
        """Copy an array of numbers out; too little room is ENOSPC."""
        address = self.get("Q", pointer)
        if not address:
            return
        if room < len(numbers):
            raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.ENOSPC)
        packed = struct.pack(f"={len(numbers)}{code}", *numbers)
        ctypes.memmove(address, packed, len(packed))


def kprobe_multi(addrs: list[int], cookies: list[int] | None, missed: int | None):
    def fill(info: Struct) -> None:
        room = info.get("I", 24)
        if bool(info.get("Q", 16)) != bool(room):
            raise kernel_error("BPF_OBJ_GET_INFO_BY_FD", errno.EINVAL)
        info.put("=II", 24, len(addrs), 1)
        if missed is not None:
            info.put("=Q", 32, missed)
        info.array(16, room, addrs)
        if cookies is not None:
            info.array(40, room, cookies)

    return fill
