# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The ``fill`` column of maps. It is apart from the other columns, since it travels with bpf_map_info alone."""

from __future__ import annotations

from .._kernel import errors
from .._objects import ids, map
from .._objects.map_fill import fill
from .._uapi import map_types
from .._view.map_words import why_unreadable
from .._view.record import hide
from . import single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_QUEUES = (map_types.QUEUE, map_types.STACK)


def add(records: list[dict[str, Any]], selector: Any = None) -> None:
    """Put the column into records of maps; the ``selector`` may name a map by a pin that alone may be opened."""
    for record in records:
        try:
            record["fill"] = _read(record["id"], selector)
        except errors.KernelError as error:
            hide(record, {"fill": errors.reason(error)})
        except _NotTold as error:
            hide(record, {"fill": str(error)})


class _NotTold(Exception):
    pass


def _read(number: int, selector: Any) -> dict[str, Any]:
    pinned = selector is not None and selector.pinned
    with single.open_named(ids.MAP, selector) if pinned else ids.open_id(ids.MAP, number) as fd:
        found = map.Reader(fdinfo=False).read(number, fd.number)
        if found.error is not None:
            raise found.error
        if found.info.type in _QUEUES:
            raise _NotTold("only the next value can be looked at")
        try:
            return fill(fd.number, found.info)._asdict()
        except errors.KernelError as error:
            raise _NotTold(why_unreadable(found.info.type) or errors.reason(error)) from None
