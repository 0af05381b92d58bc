# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from functools import cached_property

from .._kernel.errors import KernelError
from .._objects import ids, map, owners, pin, prog
from .._view import map as map_view
from .._view import pin as pin_view
from . import btfs, programs
from .columns import Pids, Pinned
from .failure import sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Survey:
    """What one task reads of a host: each noun once, at its first use, whatever else needs it.

    A noun that cannot be read is None, and ``unavailable`` then has a sentence for it; nothing here raises
    `KernelError`.
    """

    def __init__(self) -> None:
        self.unavailable: dict[str, str] = {}

    def _read(self, noun: str, read: Callable):
        try:
            return read()
        except KernelError as error:
            self.unavailable[noun] = sentence("read {}".format({"btfs": "BTF objects"}.get(noun, noun)), error)
            return None

    @cached_property
    def _programs(self):
        return self._read("programs", lambda: _read_with(prog.Reader(), ids.PROG))

    @cached_property
    def _maps(self):
        return self._read("maps", lambda: _read_with(map.Reader(), ids.MAP))

    @cached_property
    def _pins(self):
        return self._read("pins", pin.scan)

    @cached_property
    def owners(self):
        found = self._read("owners", owners.scan)
        if found is not None and found.denied:
            self.unavailable["memlock.limits"] = f"incomplete: {found.denied}"
        return found

    @cached_property
    def programs(self):
        return None if self._programs is None else programs.records_of(*self._programs)

    @cached_property
    def maps(self):
        if self._maps is None:
            return None
        maker = map_view.View(self._maps[0].call.has)
        return [maker.record(found) for found in self._maps[1]]

    @cached_property
    def links(self):
        return self._read("links", self._read_links)

    def _read_links(self) -> list[dict]:
        if next(ids.walk(ids.LINK), None) is None:
            return []
        # A third of all our code is about links, and it has to be compiled on the target: not for a host without any.
        from . import links

        return links.read_all(None if self._programs is None else self._programs[1])

    @cached_property
    def btfs(self):
        users = None
        if self._programs is not None and self._maps is not None:
            users = btfs.users_of(self._programs[1], self._maps[1])
        return self._read("btfs", lambda: btfs.read_all(users))

    @cached_property
    def pins(self):
        return None if self._pins is None else [pin_view.record(found) for found in self._pins]

    def add_columns(self) -> None:
        """Put the ``pinned`` and ``pids`` columns into the records of programs, maps and links."""
        columns = (
            Pinned(self._pins, self.unavailable.get("pins", "")),
            Pids(self.owners, self.unavailable.get("owners", "")),
        )
        for records, kind in ((self.programs, "prog"), (self.maps, "map"), (self.links, "link")):
            for record in records or ():
                for column in columns:
                    column.add(record, kind)


def _read_with(reader, kind: ids.Kind) -> tuple:
    return reader, list(ids.scan(kind, reader.read))
