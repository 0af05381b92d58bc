# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The one map that a task is about."""

from __future__ import annotations

from .._kernel import errors
from .._objects import ids, map
from .._uapi import map_types
from .._view.record import number_name, text
from . import single
from .select import OPTIONS, Selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._kernel.fd import Fd

SELECTORS = ("id", "name", "pinned")
SPEC = {name: OPTIONS[name] for name in SELECTORS}
# For AnsibleModule: an action on one map has to name it, and in one way.
RULES = {"required_one_of": [SELECTORS], "mutually_exclusive": [SELECTORS]}


class NoSuchMap(Exception):
    """There is none, or there are several; the text is a sentence, ``near`` the maps that come close."""

    def __init__(self, text: str, near: list[dict] | None = None) -> None:
        super().__init__(text)
        self.near = near or []


class Opened:
    """A map that is open for reading: ``fd`` and ``info``; a context manager."""

    def __init__(self, fd: Fd, info: Any) -> None:
        self.fd = fd
        self.info = info

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_error: object) -> None:
        self.fd.close()

    def record(self) -> dict[str, Any]:
        """Return what tells the map from others: id, type, name and sizes."""
        return {
            "id": self.info.id,
            "type": number_name(map_types.NAMES, self.info.type),
            "name": text(self.info.name),
            "bytes_key": self.info.key_size,
            "bytes_value": self.info.value_size,
            "max_entries": self.info.max_entries,
        }

    def words(self) -> str:
        """Return the map in words, for messages."""
        record = self.record()
        return "map {} ({})".format(record["id"], " ".join(part for part in (record["type"], record["name"]) if part))


def open_one(params: dict) -> Opened:
    """Open the map that ``id``, ``name`` or ``pinned`` names; raises `KernelError`, `NoSuchMap` and `WrongPin`."""
    selector = Selector(params)
    if selector.name is not None:
        selector.wanted["id"] = _by_name(selector)
    try:
        return _opened(single.open_named(ids.MAP, selector))
    except errors.Vanished:
        raise _missing(selector) from None


def open_id(number: int) -> Opened:
    """Open the map with an id; raises `KernelError`."""
    return _opened(ids.open_id(ids.MAP, number))


def _opened(fd: Fd) -> Opened:
    found = map.Reader(fdinfo=False).read(0, fd.number)
    if found.error is not None:
        fd.close()
        raise found.error
    return Opened(fd, found.info)


def _records() -> list[dict]:
    from .._view import map as view

    reader, maps = map.scan(fdinfo=False)
    found = list(maps)
    maker = view.View(reader.call.has)
    return [maker.record(one) for one in found]


def _by_name(selector: Selector) -> int:
    records = _records()
    found = [record for record in records if selector.matches(record)]
    if not found:
        raise _missing(selector, records)
    if len(found) > 1:
        names = ", ".join(f"{record['id']} ({record['type']})" for record in found[:10])
        raise NoSuchMap(f"{len(found)} maps are called {selector.name}: {names}; name one by id or by its pin", found)
    return found[0]["id"]


def _missing(selector: Selector, records: list[dict] | None = None) -> NoSuchMap:
    if records is None:
        try:
            records = _records()
        except errors.KernelError:
            records = []
    near = selector.near(records)
    ending = "; near: " + ", ".join(f"{one['id']} ({one['type']} {one['name']})" for one in near) if near else ""
    return NoSuchMap(f"there is no map with {selector.describe()}{ending}", near)
