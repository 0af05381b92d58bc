# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import ctypes
import errno
import struct

from .._kernel import procfs, syscall
from .._kernel.errors import KernelError, reason
from .._kernel.info import compile_layout
from .._uapi import layout, link_types
from .._uapi.commands import BPF_OBJ_GET_INFO_BY_FD
from . import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTR = struct.Struct("=IIQ")
_HEAD = struct.Struct("=III")
_PATH_MAX = 4096
_TRIES = 5
UNSUPPORTED = "unsupported"

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

# Fields that are never 0 where a kernel fills in a type at all: iterators did without info before 5.10, perf events and
# kprobe_multi before 6.6, uprobe_multi before 6.8.
_PROOF = {
    link_types.ITER: "target_name_len",
    link_types.PERF_EVENT: "perf_type",
    link_types.KPROBE_MULTI: "count",
    link_types.UPROBE_MULTI: "count",
    link_types.TRACING_MULTI: "count",
}
# Which arm of an iterator's union counts depends on what it walks. Of a task's tid and pid the kernel sets at most one.
_ITER_ARMS: dict[object, dict[str, tuple[int, str]]] = {
    b"bpf_map_elem": {"map_id": layout.LINK_ITER["map_id"]},
    b"bpf_sk_storage_map": {"map_id": layout.LINK_ITER["map_id"]},
    b"cgroup": layout.LINK_ITER_CGROUP,
    b"task": layout.LINK_ITER_TASK,
    b"task_file": layout.LINK_ITER_TASK,
    b"task_vma": layout.LINK_ITER_TASK,
}
_NOTHING = bytes(layout.LINK_INFO_SIZE)


class Link:
    """What the kernel tells of one link.

    ``type`` is the number of the link type. ``fields`` holds the type's fields by their UAPI names: numbers, bytes for
    strings, lists of numbers for arrays. A field that was not told is in ``missing`` instead, with the reason
    ("unsupported", or an errno's name); a type newer than our tables has neither. ``fdinfo`` is the raw text (None: not
    asked for, or ``fdinfo_error``). Where reading failed altogether ``error`` is set, and all but the id None or empty.
    """

    __slots__ = ("error", "fdinfo", "fdinfo_error", "fields", "id", "missing", "prog_id", "type")

    def __init__(self, number: int) -> None:
        self.id = number
        self.type: int | None = None
        self.prog_id: int | None = None
        self.fields: dict = {}
        self.missing: dict[str, str] = {}
        self.fdinfo: bytes | None = None
        self.fdinfo_error: OSError | None = None
        self.error: KernelError | None = None


class _Shape:
    """A member of the union as this kernel has it: how to unpack it, what to ask for, what proved not to be told."""

    __slots__ = (
        "arrays", "facts", "late", "learned", "length", "missing", "names", "places", "proof", "string", "unpack",
    )  # fmt: skip

    def __init__(self, member: dict[str, tuple[int, str]], known: int, proof: str) -> None:
        self.places = {name: place for name, place in member.items() if _end(place) <= known}
        self.names = sorted(self.places, key=lambda name: self.places[name][0])
        self.unpack = compile_layout(self.places).unpack_from
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
        self.late = [name for name in self.late if name not in untold]
        self.facts = [name for name in self.facts if name not in untold]
        self.learned = True


class _InfoCall:
    """The call itself, its buffers made once; ``known`` is how far the kernel's struct reached in the last answer."""

    def __init__(self) -> None:
        self._attr = syscall.new_buffer()
        self.info = syscall.new_buffer(layout.LINK_INFO_SIZE)
        self.text = syscall.new_buffer(_PATH_MAX)
        self.known = 0

    def make(self, fd: int, request: bytes) -> None:
        ctypes.memmove(self.info, request, len(request))
        _ATTR.pack_into(self._attr, 0, fd, layout.LINK_INFO_SIZE, syscall.address(self.info))
        syscall.bpf(BPF_OBJ_GET_INFO_BY_FD, self._attr, _ATTR.size)
        self.known = min(_ATTR.unpack_from(self._attr)[1], layout.LINK_INFO_SIZE)


class _Question:
    """The second call for a link: its text, its arrays, and marks in the fields that this kernel may not know."""

    def __init__(self, call: _InfoCall, shape: _Shape, first: dict[str, int]) -> None:
        self._call = call
        self._shape = shape
        self._first = first
        self._size = max(first.get(shape.length, 0), len(call.text))
        self._count = first.get("count", 0)
        self._buffers: dict[str, ctypes.Array[ctypes.c_char]] = {}

    def ask(self, link: Link, fd: int) -> None:
        """Fill in a link's fields and what is missing of them."""
        shape = self._shape
        try:
            fields = self._try(fd)
        except KernelError as error:
            self._keep_first(link, reason(error))
            return
        if not shape.learned:
            shape.learn(fields)
            link.missing.update(shape.missing)
        link.fields = {name: fields[name] for name in shape.facts if name not in shape.arrays}
        if shape.string:
            link.fields[shape.string] = self._call.text.value
        for name in shape.arrays:
            self._take_array(link, name, fields["count"])

    def _try(self, fd: int) -> dict[str, int]:
        """Make the call with ever larger buffers and return the answer; raises the last `KernelError`.

        Too short a buffer is ENOSPC, for the path of uprobe_multi ENAMETOOLONG. The lengths of the first answer don't
        help everywhere: perf events left them at 0 before 6.12.
        """
        tries = 0
        while True:
            tries += 1
            try:
                self._call.make(fd, self._request())
                return self._shape.fields(self._call.info)
            except KernelError as error:
                if tries == _TRIES or error.errno not in (errno.ENOSPC, errno.ENAMETOOLONG):
                    raise
            self._size, self._count = 4 * self._size, 2 * self._count

    def _request(self) -> bytes:
        shape, call = self._shape, self._call
        request = bytearray(layout.LINK_INFO_SIZE)
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

    def _take_array(self, link: Link, name: str, count: int) -> None:
        items = struct.Struct(f"={count}{_ARRAYS[name]}")
        raw = self._buffers[name].raw[: items.size]
        if raw == (_MARK * count)[: items.size]:
            link.missing[name] = UNSUPPORTED
        else:
            link.fields[name] = list(items.unpack(raw))

    def _keep_first(self, link: Link, why: str) -> None:
        """Make do with the first answer: texts, arrays and the zeros that prove nothing are missing."""
        shape, first = self._shape, self._first
        for name in shape.facts:
            if name == shape.string or name in shape.arrays or (name in shape.late and not first[name]):
                link.missing[name] = why
            else:
                link.fields[name] = first[name]


class Reader:
    """Reads links by descriptor; made once for many, since it learns from each type's first what this kernel tells."""

    def __init__(self, fdinfo: bool = False) -> None:
        self._call = _InfoCall()
        self._shapes: dict[tuple[int, int], _Shape] = {}
        self._fdinfo = procfs.FdInfo() if fdinfo else None

    def read(self, number: int, fd: int) -> Link:
        """Return the link behind a descriptor; an error of the kernel's is in the `Link`, not raised."""
        link = Link(number)
        try:
            self._call.make(fd, _NOTHING)
        except KernelError as error:
            link.error = error.with_traceback(None)
            return link
        link.type, link.id, link.prog_id = _HEAD.unpack_from(self._call.info)
        self._fill(link, fd)
        if self._fdinfo is not None:
            try:
                link.fdinfo = self._fdinfo.read(fd)
            except OSError as error:
                link.fdinfo_error = error.with_traceback(None)
        return link

    def _fill(self, link: Link, fd: int) -> None:
        shape = self._shape(link.type or 0)
        fields = shape.fields(self._call.info)
        link.missing.update(shape.missing)
        if shape.proof and not fields.get(shape.proof):
            link.missing.update(dict.fromkeys(shape.facts, UNSUPPORTED))
        elif shape.is_settled(fields):
            link.fields = {name: fields[name] for name in shape.facts}
        else:
            _Question(self._call, shape, fields).ask(link, fd)
        if link.type == link_types.ITER:
            self._choose_arm(link)

    def _shape(self, kind: int) -> _Shape:
        member = layout.LINK_BY_TYPE.get(kind, {})
        perf = 0
        if kind == link_types.PERF_EVENT and _end(member["perf_type"]) <= self._call.known:
            perf = struct.unpack_from("=I", self._call.info, member["perf_type"][0])[0]
        shape = self._shapes.get((kind, perf))
        if shape is None:
            member = dict(member, **layout.LINK_PERF_BY_KIND.get(perf, {}))
            shape = self._shapes[kind, perf] = _Shape(member, self._call.known, _PROOF.get(kind, ""))
        return shape

    def _choose_arm(self, link: Link) -> None:
        link.fields.pop("map_id", None)
        link.missing.pop("map_id", None)
        for name, (offset, code) in _ITER_ARMS.get(link.fields.get("target_name"), {}).items():
            if _end((offset, code)) <= self._call.known:
                link.fields[name] = struct.unpack_from("=" + code, self._call.info, offset)[0]
            else:
                link.missing[name] = UNSUPPORTED


def _end(place: tuple[int, str]) -> int:
    return place[0] + struct.calcsize("=" + place[1])


def _mark(code: str) -> bytes:
    return _MARK[: struct.calcsize("=" + code)]


def _is_mark(value: int, code: str) -> bool:
    return struct.pack("=" + code, value) == _mark(code)


def scan(fdinfo: bool = False) -> Iterator[Link]:
    """Yield the links of this host in ascending order of ids; raises `KernelError` (EINVAL before Linux 5.8)."""
    return ids.scan(ids.LINK, Reader(fdinfo).read)
