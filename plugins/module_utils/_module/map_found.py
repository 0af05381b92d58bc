# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The map that is pinned at a path, as far as its definition goes."""

from __future__ import annotations

from .._kernel import errors
from .._objects import map, pin
from .._view import map as view
from .._view import map_definition as definition
from .._view.record import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES = ("key_type", "value_type")
_BRIEF = ("id", "type", "name")


class Found:
    """``record`` as bpf_map_info lists it, ``frozen``, and ``definition`` (see `map_definition`)."""

    def __init__(self, record: dict[str, Any], info: Any) -> None:
        self.record = record
        self.frozen = bool(record["frozen"])
        self._info = info
        self._why = ""
        self._definition: dict[str, Any] | None = None

    def brief(self) -> dict[str, Any]:
        """Return what differences show of a map that is let go."""
        return {key: self.record[key] for key in _BRIEF}

    @property
    def definition(self) -> dict[str, Any]:
        if self._definition is None:
            key, value = self._types()
            self._definition = definition.found(self.record, key, value, self._inner())
        return self._definition

    def untold(self, wanted: dict[str, Any]) -> str:
        """Return why a part of the definition that a task gives cannot be compared, "" where all of it can."""
        self._definition = self.definition
        if self._why and any(wanted.get(name) for name in _TYPES):
            return f"cannot compare the types of map {self.record['id']}: {self._why}"
        if wanted.get("map_extra") and self.record["map_extra"] is None:
            return "this kernel does not tell map_extra of maps, which came with Linux 5.16"
        return ""

    def _types(self) -> tuple[str | None, str | None]:
        if not self._info.btf_id:
            return None, None
        from .._btf.errors import BtfError
        from .._btf.outline import outline
        from .map_typing import read as read_typing

        typing = read_typing(self._info)
        if typing.spec is None:
            self._why = typing.why
            return None, None
        try:
            told = [outline(typing.spec, number) if number else None for number in (typing.key, typing.value)]
        except BtfError as error:
            self._why = f"its BTF is damaged: {error}"
            return None, None
        return told[0], told[1]

    def _inner(self) -> dict[str, Any] | None:
        """Return the definition of one of the maps in a map, as far as all have it in common."""
        if self.record["type"] not in definition.OUTER:
            return None
        from .map_split import any_inner
        from .one_map import open_id

        number = any_inner(self.record["id"])
        if number is None:
            return None
        try:
            with open_id(number) as opened:
                record = opened.record()
                flags = opened.info.map_flags
        except errors.Vanished:
            return None
        told = {"type": record["type"], "key_size": record["bytes_key"], "value_size": record["bytes_value"]}
        return dict(told, flags=view.rec.flag_names(view.map_flags.NAMES, flags))


def read(path: bytes) -> Found | None:
    """Return the map that is pinned at a path, None where nothing is; raises `KernelError`."""
    reader = map.Reader()
    try:
        fd = pin.open_path(path)
    except errors.Vanished:
        return None
    with fd:
        found = reader.read(0, fd.number)
    if found.error is not None:
        raise found.error
    return Found(view.View(reader.call.has).record(found), found.info)


def planned(wanted: dict[str, Any], path: str, frozen: bool) -> dict[str, Any]:
    """Return the record of a map that check mode does not make."""
    record = dict.fromkeys(view.KEYS)
    told = {
        "type": wanted["type"],
        "name": wanted.get("name") or definition.default_name(path),
        "flags": definition.flag_bits(wanted["flags"]),
        "flag_names": wanted["flags"],
        "bytes_key": wanted["key_size"],
        "bytes_value": wanted["value_size"],
        "max_entries": wanted["max_entries"],
        "map_extra": wanted.get("map_extra") or 0,
        "frozen": frozen,
    }
    record.update(told)
    unknown = [
        "id",
        "bytes_memlock",
        *(("btf_id", "btf_key_type_id", "btf_value_type_id") if "value_type" in wanted else ()),
    ]
    return hide(record, dict.fromkeys(unknown, "check mode"))
