# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from .._kernel.errors import Vanished
from .._objects import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class WrongKind(Exception):
    """A pin holds another kind of object than the one asked for; the text is a sentence."""


def open_pinned(path: str, kind: str) -> int:
    """Return a descriptor of the object pinned at a path; raises `KernelError`, or `WrongKind`."""
    from .._objects import pin

    fd = pin.open_path(os.fsencode(path))
    found = pin.kind_of(fd)
    if found == kind:
        return fd
    os.close(fd)
    raise WrongKind("{} holds a {}, not a {}".format(path, found or "file of another kind", kind))


def read_one(kind: ids.Kind, selector, read: Callable) -> list:
    """Return what ``read(id, fd)`` makes of the one object that a selector names by pin or id, [] where there is none.

    Opening by id needs CAP_SYS_ADMIN, opening a pin only its file permissions: the pin goes first.
    """
    try:
        if selector.pinned:
            fd = open_pinned(selector.pinned, kind.name)
        else:
            fd = ids.open_id(kind, selector.wanted["id"])
    except Vanished:
        return []
    try:
        return [read(selector.wanted.get("id", 0), fd)]
    finally:
        os.close(fd)


def names_one(selector) -> bool:
    """Return whether a selector leads to its object without listing all of them."""
    return bool(selector is not None and (selector.pinned or "id" in selector.wanted))
