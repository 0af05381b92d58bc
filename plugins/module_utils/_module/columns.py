# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._view.record import hide, text


class Pinned:
    """The ``pinned`` column: the paths of every object, out of the pins of all bpffs mounts.

    ``why`` is set where part of them could not be looked into; then an empty list would be a claim, and is None.
    """

    def __init__(self, pins: list | None, why: str = "") -> None:
        self._paths: dict = {}
        if pins:
            from .._objects import pin

            self._paths = pin.paths(pins)
        # Only a missing right hides an object: the kernel's preloaded iterators answer ENOENT to everybody.
        self.why = why or next(
            (errors.reason(found.error) for found in pins or [] if isinstance(found.error, errors.Denied)), ""
        )

    @classmethod
    def read(cls) -> Pinned:
        """Walk all bpffs mounts."""
        from .._objects import pin

        try:
            return cls(pin.scan())
        except errors.KernelError as error:
            return cls(None, errors.reason(error))

    def add(self, record: dict, kind: str) -> None:
        """Put the column into a record."""
        _put(record, "pinned", [text(path) for path in self._paths.get((kind, record["id"]), [])], self.why)


class Pids:
    """The ``pids`` column: the processes that hold an object by a descriptor; ``why`` as in `Pinned`."""

    def __init__(self, owners, why: str = "") -> None:
        self._owners = owners
        self.why = why or owners.denied or ""

    @classmethod
    def read(cls) -> Pids:
        """Walk the descriptors of all processes."""
        from .._objects import owners

        try:
            return cls(owners.scan())
        except errors.KernelError as error:
            return cls(None, errors.reason(error))

    def add(self, record: dict, kind: str) -> None:
        """Put the column into a record."""
        pids = self._owners.of(kind, record["id"]) if self._owners is not None else []
        _put(record, "pids", [{"pid": pid, "comm": text(self._owners.comm[pid])} for pid in pids], self.why)


def _put(record: dict, key: str, found: list, why: str) -> None:
    record[key] = found
    if why and found:
        record.setdefault("unavailable", {})[key] = f"incomplete: {why}"
    elif why:
        hide(record, {key: why})


def add_columns(records: list[dict], kind: str, include: list[str]) -> None:
    """Put the ``pinned`` and ``pids`` columns into records where ``include`` asks for them."""
    for name, column in (("pinned", Pinned), ("pids", Pids)):
        if name in include and records:
            source = column.read()
            for record in records:
                source.add(record, kind)
