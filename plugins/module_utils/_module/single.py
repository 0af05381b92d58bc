# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os

from .._kernel import errors
from .._kernel.fd import Fd
from .._objects import ids
from .._uapi import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


# Ids are positive numbers of 31 bits; one beyond that cannot be asked for.
_NO_ID = 1 << 31


class WrongPin(Exception):
    """A pin is not what it was asked for as; the text is a sentence."""


def open_named(kind: ids.Kind, selector) -> Fd:
    """Open the object that a selector names; raises `KernelError`, or `WrongPin`.

    Opening by id needs CAP_SYS_ADMIN, opening a pin only its file permissions: the pin goes first.
    """
    if not selector.pinned:
        if not 0 < selector.wanted["id"] < _NO_ID:
            raise errors.kernel_error(commands.COMMAND_NAMES[kind.open_command], errno.ENOENT)
        return ids.open_id(kind, selector.wanted["id"])
    from .._objects import pin

    path = os.fsencode(selector.pinned)
    try:
        fd = pin.open_path(path)
    except errors.Denied:
        if pin.is_in_bpffs(path):
            raise
        raise WrongPin(f"{selector.pinned} is not in a BPF file system") from None
    found = pin.kind_of(fd.number)
    if found == kind.name:
        return fd
    fd.close()
    raise WrongPin(f"{selector.pinned} holds {'a ' + found if found else 'no program, map or link'}, not a {kind.name}")


def read_one(kind: ids.Kind, selector, read: Callable) -> list:
    """Return what ``read(id, fd)`` makes of the object that a selector names by pin or id, [] where there is none."""
    try:
        with open_named(kind, selector) as fd:
            return [read(selector.wanted.get("id", 0), fd.number)]
    except errors.Vanished:
        return []


def names_one(selector) -> bool:
    """Return whether a selector leads to its object without listing all of them."""
    return bool(selector is not None and (selector.pinned or "id" in selector.wanted))
