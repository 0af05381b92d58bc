# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import ctypes
import errno
import struct

from .._kernel import errors, info, syscall
from .._uapi import commands, link_layout

_ATTR = struct.Struct("=IIQ")
_CALL = commands.COMMAND_NAMES[commands.BPF_OBJ_GET_INFO_BY_FD]
_PATH_MAX = 4096
_TRIES = 5
UNSUPPORTED = "unsupported"
NOTHING = bytes(link_layout.LINK_INFO_SIZE)

# The kernel copies the caller's struct in, fills in what it knows of the type, and copies the whole back: a field that
# still holds what we put there was not told, which zero could never say. info_len tells less, since the union's longest
# member decides it: a 6.12 kernel reaches past the cookie of a raw tracepoint without knowing it.
_MARK = b"\xd6\x1f\x8b\x39\xa4\x70\xe5\xc2"

# Fields that came after the link type they belong to (see the layouts for the versions).
_LATE = frozenset(("cookie", "missed", "ref_ctr_offset", "target_obj_id", "target_btf_id"))

_STRINGS = {
    "tp_name": ("tp_name_len", "name_len"),
    "target_name": ("target_name_len",),
    "file_name": ("name_len",),
    "func_name": ("name_len",),
    "path": ("path_size",),
}
_ARRAYS = {"addrs": "Q", "cookies": "Q", "offsets": "Q", "ref_ctr_offsets": "Q", "ids": "I"}


class Shape:
    """A member of the union as this kernel has it: how to unpack it, what to ask for, what proved not to be told."""

    __slots__ = (
        "arrays", "facts", "late", "learned", "length", "missing", "names", "places", "proof", "string", "unpack",
    )  # fmt: skip

    def __init__(self, member: dict[str, tuple[int, str]], known: int, proof: str) -> None:
        self.places = {name: place for name, place in member.items() if end(place) <= known}
        self.names = sorted(self.places, key=lambda name: self.places[name][0])
        self.unpack = info.compile_layout(self.places).unpack_from
        self.string = next((name for name in self.names if name in _STRINGS), "")
        self.length = next((name for name in _STRINGS.get(self.string, ()) if name in self.places), "")
        self.arrays = [name for name in self.names if name in _ARRAYS]
        self.late = [name for name in self.names if name in _LATE]
        self.facts = [name for name in self.names if name != self.length]
        self.missing = dict.fromkeys((name for name in member if name not in self.places), UNSUPPORTED)
        self.proof = proof
        self.learned = False

    def fields(self, buffer: ctypes.Array[ctypes.c_char]) -> dict[str, int]:
        """Return every field as a number, pointers and lengths among them."""
        return dict(zip(self.names, self.unpack(buffer)))

    def is_settled(self, fields: dict[str, int]) -> bool:
        """Return whether the first answer was the whole: no text to fetch, and no 0 that may mean "not told"."""
        return not self.string and not self.arrays and (self.learned or all(fields[name] for name in self.late))

    def learn(self, fields: dict[str, int]) -> None:
        """Note the late fields that came back as they were sent."""
        untold = [name for name in self.late if _is_mark(fields[name], self.places[name][1])]
        self.missing.update(dict.fromkeys(untold, UNSUPPORTED))
        self.facts = [name for name in self.facts if name not in untold]
        self.learned = True


class InfoCall:
    """The call itself, its buffers made once; ``known`` is how far the kernel's struct reached in the last answer."""

    def __init__(self) -> None:
        self._attr = syscall.new_buffer()
        self.info = syscall.new_buffer(link_layout.LINK_INFO_SIZE)
        self.text = syscall.new_buffer(_PATH_MAX)
        self.known = 0

    def make(self, fd: int, request: bytes) -> None:
        """Put a request in front of the kernel, whose answer is in ``info`` and ``text``; raises `KernelError`."""
        ctypes.memmove(self.info, request, len(request))
        _ATTR.pack_into(self._attr, 0, fd, link_layout.LINK_INFO_SIZE, syscall.address(self.info))
        syscall.bpf(commands.BPF_OBJ_GET_INFO_BY_FD, self._attr, _ATTR.size)
        self.known = min(_ATTR.unpack_from(self._attr)[1], link_layout.LINK_INFO_SIZE)


class Question:
    """The second call for a link: its text, its arrays, and marks in the fields that this kernel may not know."""

    def __init__(self, call: InfoCall, shape: Shape, first: dict[str, int]) -> None:
        self._call = call
        self._shape = shape
        self._first = first
        self._size = max(first.get(shape.length, 0), len(call.text))
        self._count = first.get("count", 0)
        self._buffers: dict[str, ctypes.Array[ctypes.c_char]] = {}

    def ask(self, fd: int) -> tuple[dict, dict[str, str]]:
        """Return the link's fields, and the reasons for those that are missing beside the shape's own."""
        shape = self._shape
        try:
            told = self._try(fd)
        except errors.KernelError as error:
            return self._first_answer(errors.reason(error))
        if not shape.learned:
            shape.learn(told)
        fields: dict = {name: told[name] for name in shape.facts if name not in shape.arrays}
        if shape.string:
            fields[shape.string] = self._call.text.value
        arrays = {name: self._array(name, told["count"]) for name in shape.arrays}
        fields.update((name, numbers) for name, numbers in arrays.items() if numbers is not None)
        return fields, dict.fromkeys((name for name in arrays if name not in fields), UNSUPPORTED)

    def _try(self, fd: int) -> dict[str, int]:
        """Make the call with ever larger buffers and return the answer; raises the last `KernelError`.

        Too short a buffer is ENOSPC, for the path of uprobe_multi ENAMETOOLONG. The lengths of the first answer don't
        help everywhere: perf events left them at 0 before 6.12.
        """
        for _turn in range(_TRIES):
            try:
                self._call.make(fd, self._request())
                told = self._shape.fields(self._call.info)
                if not self._shape.arrays or told["count"] <= self._count:
                    return told
                refused = errors.kernel_error(_CALL, errno.ENOSPC)
            except errors.KernelError as error:
                if error.errno not in (errno.ENOSPC, errno.ENAMETOOLONG):
                    raise
                refused = error
            self._size, self._count = 4 * self._size, 2 * self._count
        raise refused

    def _request(self) -> bytes:
        shape, call = self._shape, self._call
        request = bytearray(link_layout.LINK_INFO_SIZE)
        for name in shape.late:
            offset, code = shape.places[name]
            request[offset : offset + struct.calcsize("=" + code)] = _mark(code)
        if shape.string:
            if len(call.text) < self._size:
                call.text = syscall.new_buffer(self._size)
            call.text[0] = b"\0"
            self._put(request, shape.string, syscall.address(call.text))
            self._put(request, shape.length, self._size)
        for name in shape.arrays:
            buffer = self._buffers[name] = syscall.new_buffer(len(_MARK) * self._count)
            ctypes.memmove(buffer, _MARK * self._count, len(_MARK) * self._count)
            self._put(request, name, syscall.address(buffer))
            self._put(request, "count", self._count)
        return bytes(request)

    def _put(self, request: bytearray, name: str, value: int) -> None:
        offset, code = self._shape.places[name]
        struct.pack_into("=" + code, request, offset, value)

    def _array(self, name: str, count: int) -> list[int] | None:
        items = struct.Struct(f"={count}{_ARRAYS[name]}")
        raw = self._buffers[name].raw[: items.size]
        return None if raw == (_MARK * count)[: items.size] else list(items.unpack(raw))

    def _first_answer(self, why: str) -> tuple[dict, dict[str, str]]:
        """Make do with the first answer: texts, arrays and the zeros that prove nothing are missing."""
        shape, first = self._shape, self._first
        missing = [name for name in (shape.string, *shape.arrays) if name]
        missing += [name for name in shape.late if not first[name]]
        fields = {name: first[name] for name in shape.facts if name not in missing}
        return fields, dict.fromkeys(missing, why)


def end(place: tuple[int, str]) -> int:
    """Return where a field of a layout ends: the reach that a kernel's struct needs to have it."""
    return place[0] + struct.calcsize("=" + place[1])


def _mark(code: str) -> bytes:
    return _MARK[: struct.calcsize("=" + code)]


def _is_mark(value: int, code: str) -> bool:
    return struct.pack("=" + code, value) == _mark(code)
