# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._uapi import map_flags, map_types, prog_types
from . import record as rec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .._objects import map

# key -> the field of bpf_map_info it comes from, for the fields that are younger than Linux 4.18
_YOUNG = {"map_extra": "map_extra"}  # 5.16
KEYS = (
    "id", "type", "name", "flags", "flag_names", "bytes_key", "bytes_value", "max_entries", "bytes_memlock",
    "owner_prog_type", "owner_jited", "frozen", "dev", "btf_id", "btf_key_type_id", "btf_value_type_id",
    "btf_vmlinux_value_type_id", "btf_vmlinux_id", "map_extra",
)  # fmt: skip
_FDINFO_KEYS = ("bytes_memlock", "owner_prog_type", "owner_jited", "frozen")


class View:
    """Turns `Map` objects of one host into records; ``has`` is the reader's answer which fields this kernel knows."""

    def __init__(self, has: Callable[[str], bool]) -> None:
        self._missing = rec.missing_fields(_YOUNG, has)

    def record(self, found: map.Map) -> dict:
        """Return the record of a map: every key of `KEYS`, and ``unavailable`` where something was not told."""
        if found.error is not None:
            return rec.unreadable(found.id, KEYS, errors.reason(found.error))
        info = found.info
        record = {
            "id": info.id,
            "type": rec.number_name(map_types.NAMES, info.type),
            "name": rec.text(info.name),
            "flags": info.map_flags,
            "flag_names": rec.flag_names(map_flags.NAMES, info.map_flags),
            "bytes_key": info.key_size,
            "bytes_value": info.value_size,
            "max_entries": info.max_entries,
            "bytes_memlock": None,
            "owner_prog_type": None,
            "owner_jited": None,
            "frozen": None,
            "dev": rec.device(info.ifindex, info.netns_dev, info.netns_ino, None),
            "btf_id": info.btf_id or None,
            "btf_key_type_id": info.btf_key_type_id or None,
            "btf_value_type_id": info.btf_value_type_id or None,
            "btf_vmlinux_value_type_id": info.btf_vmlinux_value_type_id or None,
            "btf_vmlinux_id": info.btf_vmlinux_id or None,
            "map_extra": info.map_extra,
        }
        if self._missing:
            rec.hide(record, self._missing)
        if info.btf_vmlinux_value_type_id and not info.btf_vmlinux_id:
            # 6.9. It lies where the struct had padding before, and the size says nothing; but who has one id has both.
            rec.hide(record, {"btf_vmlinux_id": "unsupported"})
        _from_fdinfo(record, found)
        return record


def _from_fdinfo(record: dict, found: map.Map) -> None:
    if found.fdinfo is None:
        if found.fdinfo_error is not None:
            rec.hide(record, dict.fromkeys(_FDINFO_KEYS, errors.reason(found.fdinfo_error)))
        return
    memlock = rec.fdinfo_value(found.fdinfo, b"memlock")
    frozen = rec.fdinfo_value(found.fdinfo, b"frozen")  # 5.2
    absent = [key for key, value in (("bytes_memlock", memlock), ("frozen", frozen)) if value is None]
    record["bytes_memlock"] = None if memlock is None else int(memlock)
    record["frozen"] = None if frozen is None else frozen != b"0"
    if absent:
        rec.hide(record, dict.fromkeys(absent, "unsupported"))
    owner = rec.fdinfo_value(found.fdinfo, b"owner_prog_type")
    if owner is not None:
        record["owner_prog_type"] = rec.number_name(prog_types.NAMES, int(owner))
        record["owner_jited"] = rec.fdinfo_value(found.fdinfo, b"owner_jited") == b"1"
