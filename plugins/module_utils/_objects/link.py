# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct

from .._kernel import errors, procfs
from .._uapi import link_layout, link_types
from . import ids, link_info

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = struct.Struct("=III")

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
    b"bpf_map_elem": {"map_id": link_layout.LINK_ITER["map_id"]},
    b"bpf_sk_storage_map": {"map_id": link_layout.LINK_ITER["map_id"]},
    b"cgroup": link_layout.LINK_ITER_CGROUP,
    b"task": link_layout.LINK_ITER_TASK,
    b"task_file": link_layout.LINK_ITER_TASK,
    b"task_vma": link_layout.LINK_ITER_TASK,
}


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
        self.error: errors.KernelError | None = None


class Reader:
    """Reads links by descriptor; made once for many, since it learns from each type's first what this kernel tells."""

    def __init__(self, fdinfo: bool = False) -> None:
        self._call = link_info.InfoCall()
        self._shapes: dict[tuple[int, int], link_info.Shape] = {}
        self._fdinfo = procfs.FdInfo() if fdinfo else None

    def read(self, number: int, fd: int) -> Link:
        """Return the link behind a descriptor; an error of the kernel's is in the `Link`, not raised."""
        link = Link(number)
        try:
            self._call.make(fd, link_info.NOTHING)
        except errors.KernelError as error:
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
        if shape.proof and not fields.get(shape.proof):
            link.missing = dict.fromkeys(shape.facts, link_info.UNSUPPORTED)
        elif shape.is_settled(fields):
            link.fields = {name: fields[name] for name in shape.facts}
        else:
            link.fields, link.missing = link_info.Question(self._call, shape, fields).ask(fd)
        link.missing.update(shape.missing)
        if link.type == link_types.ITER:
            self._choose_arm(link)

    def _shape(self, kind: int) -> link_info.Shape:
        member = link_layout.LINK_BY_TYPE.get(kind, {})
        perf = 0
        if kind == link_types.PERF_EVENT and link_info.end(member["perf_type"]) <= self._call.known:
            perf = struct.unpack_from("=I", self._call.info, member["perf_type"][0])[0]
        shape = self._shapes.get((kind, perf))
        if shape is None:
            member = dict(member, **link_layout.LINK_PERF_BY_KIND.get(perf, {}))
            shape = self._shapes[kind, perf] = link_info.Shape(member, self._call.known, _PROOF.get(kind, ""))
        return shape

    def _choose_arm(self, link: Link) -> None:
        link.fields.pop("map_id", None)
        link.missing.pop("map_id", None)
        for name, (offset, code) in _ITER_ARMS.get(link.fields.get("target_name"), {}).items():
            if link_info.end((offset, code)) <= self._call.known:
                link.fields[name] = struct.unpack_from("=" + code, self._call.info, offset)[0]
            else:
                link.missing[name] = link_info.UNSUPPORTED


def scan(fdinfo: bool = False) -> Iterator[Link]:
    """Yield the links of this host in ascending order of ids; raises `KernelError` (EINVAL before Linux 5.8)."""
    return ids.scan(ids.LINK, Reader(fdinfo).read, Link)
