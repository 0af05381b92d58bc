# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Values whose form the kernel gives: a descriptor was written and an id is read, or the kernel fills them in."""

from __future__ import annotations

import struct

from .._btf.errors import WrongValue
from .._uapi import map_flags
from .._uapi import map_types as types
from .form import Form
from .form_number import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_U32 = struct.Struct("=I")
_NO_FIELDS = "needs a dict with {}"
_NAMED = {types.PROG_ARRAY: "id", types.ARRAY_OF_MAPS: "id", types.HASH_OF_MAPS: "id"}
_SETS = {types.DEVMAP: "ifindex", types.DEVMAP_HASH: "ifindex", types.CPUMAP: "qsize"}
_SOCKETS = (types.SOCKMAP, types.SOCKHASH, types.REUSEPORT_SOCKARRAY)
# enum bpf_stack_build_id_status
_BUILD_ID = struct.Struct("=i20sQ")
_STATUS = ("empty", "valid", "ip")


def kernel_form(map_type: int, size: int, flags: int = 0) -> Form | None:
    """Return the form of values of a type of map, None where they are the programs' own."""
    if map_type in _NAMED and size == 4:
        return _record(size, (_NAMED[map_type],), "=I")
    if map_type in _SETS and size == 4:
        return _record(size, (_SETS[map_type],), "=I")
    if map_type in _SETS and size == 8:
        return _record(size, (_SETS[map_type], "prog_id"), "=II")
    if map_type in _SOCKETS and size == 8:
        return _record(size, ("cookie",), "=Q")
    if map_type == types.STACK_TRACE:
        wide = bool(flags & map_flags.F_STACK_BUILD_ID)
        return Form(size, _build_ids if wide else _addresses, _not_written)
    return None


def _record(size: int, names: tuple[str, ...], code: str) -> Form:
    """Return the form of a dict of numbers; 0 is no program."""

    def value_of(numbers: tuple[int, ...]) -> dict[str, int | None]:
        return {name: number or (None if name == "prog_id" else number) for name, number in zip(names, numbers)}

    def show(data: bytes, stride: int) -> list[dict[str, int | None]]:
        return [value_of(row) for row in struct.iter_unpack(f"{code}{stride - size}x", data)]

    def read(value: Any, field: str) -> bytes:
        if not isinstance(value, dict) or set(value) != set(names):
            raise WrongValue(field, _NO_FIELDS.format(" and ".join(names)))
        return struct.pack(code, *(integer(value[name] or 0, f"{field}.{name}".lstrip(".")) for name in names))

    return Form(size, show, read)


def _addresses(data: bytes, stride: int) -> list[list[str]]:
    """Return stacks of addresses, the innermost first; the first 0 is the end."""
    stacks = []
    for at in range(0, len(data), stride):
        row = memoryview(data[at : at + stride]).cast("Q").tolist()
        stacks.append([f"0x{address:x}" for address in (row[: row.index(0)] if 0 in row else row)])
    return stacks


def _build_ids(data: bytes, stride: int) -> list[list[dict[str, Any]]]:
    stacks = []
    for at in range(0, len(data), stride):
        frames = [frame for frame in _BUILD_ID.iter_unpack(data[at : at + stride]) if frame[0]]
        stacks.append([_frame(*frame) for frame in frames])
    return stacks


def _frame(status: int, build_id: bytes, place: int) -> dict[str, Any]:
    name = _STATUS[status] if 0 <= status < len(_STATUS) else str(status)
    valid = name == "valid"
    return {
        "status": name,
        "build_id": build_id.hex() if valid else None,
        "offset": place if valid else None,
        "ip": None if valid else f"0x{place:x}",
    }


def _not_written(value: Any, field: str) -> bytes:
    raise WrongValue(field, "stacks are written by the kernel alone")
