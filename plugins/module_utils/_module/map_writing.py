# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Writes what is planned for one map, and looks again. Most runs find nothing to write and do not come here."""

from __future__ import annotations

import os

from .._kernel import errors, procfs
from .._objects import map, map_write
from .._uapi import map_flags
from .._view import record
from .._view.entry_plan import Unfit, merged
from .._view.map_write_words import FLAGGED, LRU
from .map_change import NotOpened, WriteFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._kernel.fd import Fd
    from . import one_map
    from .map_change import Change

FLAGS = {"any": map_flags.ANY, "exist": map_flags.EXIST, "noexist": map_flags.NOEXIST}


def is_frozen(fd: Fd) -> bool:
    """Return whether nobody can write into a map any more; before Linux 5.2 none is like that."""
    return record.fdinfo_value(procfs.FdInfo().read(fd.number), b"frozen") == b"1"


def open_again(opened: one_map.Opened, pinned: str | None) -> Fd:
    """Return a descriptor to write by of a map that is open for reading; raises `NotOpened` and `Unfit`."""
    try:
        if not pinned:
            return map_write.open_id(opened.info.id)
        from .._objects import pin

        fd = pin.open_path(os.fsencode(pinned), 0)
    except errors.KernelError as error:
        raise NotOpened(error) from None
    if map.Reader(fdinfo=False).read(0, fd.number).id != opened.info.id:
        fd.close()
        raise Unfit("another map was pinned in its place meanwhile: run the task again")
    return fd


def apply(change: Change) -> None:
    """Write what is planned; raises `WriteFailed` and `NotOpened`."""
    flags = FLAGS[change.terms.flags] if change.info.type in FLAGGED else map_flags.ANY
    order, values = change.plan.order, change.plan.values
    with open_again(change.reading.opened, change.pinned) as fd:
        writer = change.writer = map_write.Writer(fd.number, change.reading.content.shape, flags, change.go_on)
        for step in order:
            if step == "delete":
                writer.delete([change.bytes_of(key) for key in change.plan.deletes])
            elif step == "update" or "update" not in order:
                # updates and additions share their batches
                keys = [change.bytes_of(key) for key in values]
                writer.update(keys, [change.targets.descriptor(value) for value in values.values()])
    if writer.failed:
        raise WriteFailed(writer, change.reading)


def look_again(change: Change) -> None:
    """Read what was written, and note what is something else by now."""
    written, wanted = change.plan.values, change.wanted.values
    keys = [*written, *change.plan.deletes]
    now = change.all_entries() if change.needs_all(len(keys)) else change.some_entries(keys)
    for key, value in written.items():
        if key not in now and change.info.type in LRU:
            change.evicted += 1
        elif key not in now or not _is_same(change, key, value, now[key]):
            change.drifted.append(key)
    change.drifted += [key for key in change.plan.deletes if key in now and key in wanted]
    if change.terms.purge and not change.terms.zero:
        change.appeared = sorted(now.keys() - wanted.keys())


def _is_same(change: Change, key: bytes, value: bytes, now: bytes) -> bool:
    wanted = change.wanted
    return value == now or merged(now, value, wanted.masks.get(key, wanted.mask)) == now
