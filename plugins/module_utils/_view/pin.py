# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import stat

from .._kernel import errors
from .._uapi import link_types, map_types, prog_types
from . import record as rec

KEYS = ("path", "mount", "kind", "id", "type", "name", "tag", "mode", "uid", "gid")
_TYPES = {"prog": prog_types.NAMES, "map": map_types.NAMES, "link": link_types.NAMES}


def record(pin) -> dict:
    """Return the record of a pin.

    ``kind`` is prog, map or link, None for a file that holds none of them; ``mode`` four octal digits; ``tag`` belongs
    to programs, ``name`` to programs and maps. The path, not the id, is the identity.
    """
    result = dict.fromkeys(KEYS)
    result["path"] = rec.text(pin.path)
    result["mount"] = rec.text(pin.mount)
    if pin.stat is not None:
        result["mode"] = format(stat.S_IMODE(pin.stat.st_mode), "04o")
        result["uid"] = pin.stat.st_uid
        result["gid"] = pin.stat.st_gid
    if pin.error is not None:
        unknown = [key for key in ("kind", "id", "type", "name", "tag", "mode", "uid", "gid") if result[key] is None]
        return rec.hide(result, dict.fromkeys(unknown, errors.reason(pin.error)))
    result["kind"] = pin.kind
    found = pin.object
    if found is None:
        return result
    result["id"] = found.id or None
    if found.error is not None:
        return rec.hide(result, dict.fromkeys(("id", "type", "name", "tag"), errors.reason(found.error)))
    _describe(result, pin.kind, found)
    return result


def _describe(result: dict, kind: str, found) -> None:
    if kind == "link":
        result["type"] = rec.number_name(_TYPES[kind], found.type)
        return
    if kind not in _TYPES:
        return
    result["type"] = rec.number_name(_TYPES[kind], found.info.type)
    result["name"] = rec.text(found.info.name)
    if kind == "prog":
        result["tag"] = found.info.tag.hex()
