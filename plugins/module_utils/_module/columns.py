# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel.errors import KernelError, reason
from .._view.record import hide, text


class Pinned:
    """The ``pinned`` column: the paths of every object, from one walk over all bpffs mounts.

    ``why`` is set where part of a bpffs could not be looked into; then an empty list would be a claim, and is None.
    """

    def __init__(self, pins=None) -> None:
        from .._objects import pin

        self.why = ""
        self._paths: dict[tuple[str, int], list[bytes]] = {}
        try:
            pins = pin.scan() if pins is None else pins
        except KernelError as error:
            self.why = reason(error)
            return
        self._paths = pin.paths(pins)
        self.why = next((reason(found.error) for found in pins if found.error is not None and found.kind is None), "")

    def add(self, record: dict, kind: str) -> None:
        """Put the column into a record."""
        found = [text(path) for path in self._paths.get((kind, record["id"]), [])]
        _put(record, "pinned", found, self.why)


class Pids:
    """The ``pids`` column: the processes that hold an object by a descriptor, from one walk over /proc."""

    def __init__(self, owners=None) -> None:
        from .._objects import owners as scanner

        self.why = ""
        self.owners = None
        try:
            self.owners = scanner.scan() if owners is None else owners
        except KernelError as error:
            self.why = reason(error)
            return
        self.why = self.owners.denied or ""

    def add(self, record: dict, kind: str) -> None:
        """Put the column into a record."""
        pids = self.owners.of(kind, record["id"]) if self.owners is not None else []
        found = [{"pid": pid, "comm": text(self.owners.comm[pid])} for pid in pids]
        _put(record, "pids", found, self.why)


def _put(record: dict, key: str, found: list, why: str) -> None:
    record[key] = found
    if why and found:
        record.setdefault("unavailable", {})[key] = "incomplete: {0}".format(why)
    elif why:
        hide(record, {key: why})


def add_columns(records: list[dict], kind: str, include: list[str]) -> None:
    """Put the ``pinned`` and ``pids`` columns into records where ``include`` asks for them."""
    for name, column in (("pinned", Pinned), ("pids", Pids)):
        if name in include and records:
            source = column()
            for record in records:
                source.add(record, kind)
