# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Who still uses a map that is replaced."""

from __future__ import annotations

import struct

from .._kernel import errors
from .._objects.map_data import Content
from .._view.map_definition import OUTER
from . import maps, programs
from .one_map import open_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ID = struct.Struct("=I")
_KEYS = ("id", "type", "name")


class CannotTell(Exception):
    """Some object could not be looked into; the text is a sentence."""


def users(number: int) -> dict[str, list[dict[str, Any]]]:
    """Return the ``programs`` that use a map and the ``maps`` that have it as an entry; raises `KernelError`.

    What cannot be read may use it: that raises `CannotTell`.
    """
    known = programs.read()
    unread = [record["id"] for record in known if record["map_ids"] is None]
    if unread:
        raise CannotTell(f"the maps of program {unread[0]} cannot be read")
    using = [record for record in known if number in record["map_ids"]]
    outer = [record for record in maps.read() if record["type"] in OUTER and number in _inner_ids(record["id"])]
    return {"programs": [_brief(record) for record in using], "maps": [_brief(record) for record in outer]}


def any_inner(number: int) -> int | None:
    """Return the id of one of the maps in a map, None where there is none; raises `KernelError`."""
    return next(iter(_inner_ids(number)), None)


def words(split: dict[str, list[dict[str, Any]]]) -> str:
    """Return the users of a map in words, "" where there are none."""
    parts = []
    for noun in ("programs", "maps"):
        told = ", ".join(f"{one['id']} ({one['type']} {one['name']})" for one in split[noun][:10])
        more = f" and {len(split[noun]) - 10} more" if len(split[noun]) > 10 else ""
        parts += [f"{noun} {told}{more}"] if told else []
    return " and ".join(parts)


def _inner_ids(number: int) -> list[int]:
    try:
        with open_id(number) as opened:
            content = Content(opened.fd.number, opened.info)
            return [one for chunk in content.chunks() for (one,) in _ID.iter_unpack(chunk.values) if one]
    except errors.Vanished:
        return []


def _brief(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in _KEYS}
