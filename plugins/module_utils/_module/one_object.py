# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The one object of any kind that a task is about."""

from __future__ import annotations

import os

from .._kernel import errors
from .._objects import ids, pin
from . import single
from .select import OPTIONS, TAG_OPTION, Selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._kernel.fd import Fd

SELECTORS = ("id", "name", "tag", "pinned")
_KINDS = {"prog": ids.PROG, "map": ids.MAP, "link": ids.LINK}
_WORDS = {"prog": "program", "map": "map", "link": "link"}
SPEC: dict[str, Any] = {
    "kind": {"type": "str", "choices": list(_KINDS)},
    "id": OPTIONS["id"],
    "name": OPTIONS["name"],
    "pinned": OPTIONS["pinned"],
    "tag": TAG_OPTION["tag"],
}
_NEAR = ("id", "type", "name", "tag")
# For AnsibleModule: programs, maps and links count their ids apart.
RULES = {"mutually_exclusive": [SELECTORS], "required_by": {"id": "kind", "name": "kind"}}


class NoSuchObject(Exception):
    """There is none, or there are several; the text is a sentence, ``near`` the objects that come close."""

    def __init__(self, text: str, near: list[dict] | None = None) -> None:
        super().__init__(text)
        self.near = near or []


def open_one(params: dict[str, Any]) -> Fd:
    """Open the object that the selectors name; raises `KernelError`, `NoSuchObject` and `WrongPin`."""
    selector = Selector(dict(params, type=None))
    kind = params["kind"] or ("prog" if params["tag"] else "")
    if kind != "prog" and params["tag"]:
        raise NoSuchObject(f"a {_WORDS[kind]} has no tag: only programs have")
    if kind == "link" and params["name"]:
        raise NoSuchObject("links have no names: give the id, or a path where the link is pinned")
    if selector.pinned and not kind:
        kind = _kind_of(selector.pinned)
    if not single.names_one(selector):
        selector.wanted["id"] = _listed(kind, selector)
    try:
        return single.open_named(_KINDS[kind], selector)
    except errors.Vanished:
        raise _missing(kind, selector) from None


def _kind_of(path: str) -> str:
    """Return the kind of what is pinned at a path; any that will do where it cannot be told here."""
    try:
        with pin.open_path(os.fsencode(path)) as fd:
            kind = pin.kind_of(fd.number)
    except errors.KernelError:
        return "map"  # opened once more, and told in full
    return kind if kind in _KINDS else "map"


def _records(kind: str) -> list[dict]:
    if kind == "prog":
        from .programs import read
    elif kind == "map":
        from .maps import read
    else:
        from .links import read
    return read()


def _listed(kind: str, selector: Selector) -> int:
    """Return the id of the one object that a name or tag means."""
    records = _records(kind)
    found = [record for record in records if selector.matches(record)]
    if not found:
        raise _missing(kind, selector, records)
    if len(found) > 1:
        names = ", ".join(f"{record['id']} ({record['type']} {record['name']})" for record in found[:10])
        raise NoSuchObject(
            f"{len(found)} {_WORDS[kind]}s have {selector.describe()}: {names}; name one by id or by its pin",
            [{key: record[key] for key in _NEAR if key in record} for record in found],
        )
    return found[0]["id"]


def _missing(kind: str, selector: Selector, records: list[dict] | None = None) -> NoSuchObject:
    if records is None:
        try:
            records = _records(kind)
        except errors.KernelError:
            records = []
    near = selector.near([dict(record, name=record.get("name")) for record in records])
    ending = "; near: " + ", ".join(f"{one['id']} ({one['type']} {one['name']})" for one in near) if near else ""
    return NoSuchObject(f"there is no {_WORDS[kind]} with {selector.describe()}{ending}", near)
