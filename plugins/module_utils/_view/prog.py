# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import sys

from .._kernel import errors
from .._uapi import layout, prog_types
from . import record as rec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._objects import prog

# key -> the field of bpf_prog_info it comes from, for the fields that are younger than Linux 4.18
_YOUNG = {
    "btf_id": "btf_id",  # 5.0
    "prog_tags": "prog_tags",  # 5.0
    "run_time_ns": "run_time_ns",  # 5.1
    "run_cnt": "run_cnt",  # 5.1
    "recursion_misses": "recursion_misses",  # 5.12
    "verified_insns": "verified_insns",  # 5.16
    # 6.0; its own place was padding of the struct before, so that the size says nothing: the field behind it does
    "attach_btf_obj_id": "attach_btf_id",
    "attach_btf_id": "attach_btf_id",  # 6.0
}
KEYS = (
    "id", "type", "name", "full_name", "tag", "gpl_compatible", "run_time_ns", "run_cnt", "recursion_misses", "dev",
    "loaded_at", "uid", "orphaned", "bytes_xlated", "jited", "bytes_jited", "bytes_memlock", "map_ids", "btf_id",
    "verified_insns", "attach_btf_obj_id", "attach_btf_id", "prog_tags",
)  # fmt: skip
# What the kernel does not tell to who lacks CAP_BPF (before 5.8: CAP_SYS_ADMIN).
_GATED = ("bytes_xlated", "jited", "bytes_jited", "prog_tags", "attach_btf_obj_id", "attach_btf_id")
_GPL_BIT = layout.GPL_BIT[sys.byteorder]
_NAME_LIMIT = 15


class View:
    """Turns `Program` objects of one host into records.

    ``has`` is the reader's answer which fields this kernel knows, ``boot_time_ns`` when the host booted.
    """

    def __init__(self, has: Callable[[str], bool], boot_time_ns: int) -> None:
        self._missing = rec.missing_fields(_YOUNG, has)
        self._gated = dict.fromkeys((key for key in _GATED if key not in self._missing), "EPERM")
        self._boot_time_ns = boot_time_ns

    def record(self, program: prog.Program) -> dict:
        """Return the record of a program: every key of `KEYS`, and ``unavailable`` where something was not told."""
        if program.error is not None:
            return _unread(program.id, program.error)
        info = program.info
        name = rec.text(info.name)
        record = {
            "id": info.id,
            "type": rec.number_name(prog_types.NAMES, info.type),
            "name": name,
            "full_name": name,
            "tag": info.tag.hex(),
            "gpl_compatible": bool(info.gpl_compatible >> _GPL_BIT & 1),
            "run_time_ns": info.run_time_ns,
            "run_cnt": info.run_cnt,
            "recursion_misses": info.recursion_misses,
            "dev": rec.device(info.ifindex, info.netns_dev, info.netns_ino, None) if info.ifindex else None,
            "loaded_at": (self._boot_time_ns + info.load_time) // 1000000000,
            "uid": info.created_by_uid,
            "orphaned": False,
            "bytes_xlated": info.xlated_prog_len,
            "jited": info.jited_prog_len > 0,
            "bytes_jited": info.jited_prog_len,
            "bytes_memlock": None,
            "map_ids": program.map_ids,
            "btf_id": info.btf_id or None,
            "verified_insns": info.verified_insns,
            "attach_btf_obj_id": info.attach_btf_obj_id or None,
            "attach_btf_id": info.attach_btf_id or None,
            "prog_tags": _tags(program.tags),
        }
        self._doubts(record, program)
        return record

    def _doubts(self, record: dict, program: prog.Program) -> None:
        if self._missing:
            rec.hide(record, self._missing)
        if not record["bytes_xlated"]:
            rec.hide(record, self._gated)
            self._doubt_btf(record, "EPERM")
            _doubt_name(record, program, "EPERM")
        else:
            if record["dev"] is not None:
                rec.hide(record, {"prog_tags": "unsupported"})  # the device's driver answers, and knows none
                self._doubt_btf(record, "unsupported")
            if record["name"]:
                _doubt_name(record, program, "no BTF")
        _memlock(record, program)

    def _doubt_btf(self, record: dict, why: str) -> None:
        # Where the kernel leaves early it had not come to the BTF before Linux 6.15, and no field tells which it is.
        if record["btf_id"] is None and "btf_id" not in self._missing:
            rec.hide(record, {"btf_id": why})


def _tags(raw: bytes) -> list[str]:
    return [raw[start : start + 8].hex() for start in range(0, len(raw), 8)]


def _doubt_name(record: dict, program: prog.Program, why: str) -> None:
    """A name of 15 characters may be cut, and one that is not there may be elsewhere: only BTF knows."""
    if not program.main_type and _may_be_cut(program.info.name):
        rec.hide(record, {"full_name": why})


def _memlock(record: dict, program: prog.Program) -> None:
    if program.fdinfo is None:
        if program.fdinfo_error is not None:
            rec.hide(record, {"bytes_memlock": errors.reason(program.fdinfo_error)})
        return
    value = rec.fdinfo_value(program.fdinfo, b"memlock")
    if value is None:
        rec.hide(record, {"bytes_memlock": "unsupported"})
    else:
        record["bytes_memlock"] = int(value)


def _unread(number: int, error: OSError) -> dict:
    record = rec.unreadable(number, KEYS, errors.reason(error))
    if record["unavailable"]["type"] == "ENODEV":
        # The device that this program was bound to is gone; the kernel keeps the id and tells nothing else.
        record["orphaned"] = True
        del record["unavailable"]["orphaned"]
    return record


def needs_function_name(program: prog.Program) -> bool:
    """Return whether BTF may know a longer name of a program than the kernel's 15 characters."""
    return bool(program.main_type) and _may_be_cut(program.info.name)


def _may_be_cut(name: bytes) -> bool:
    return len(name.partition(b"\0")[0]) in (0, _NAME_LIMIT)
