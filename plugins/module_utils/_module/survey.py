# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from functools import cached_property

from .._kernel import bpffs, errors
from .._objects import ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Survey:
    """What one task reads of a host: each noun once, at its first use, whatever else needs it.

    A noun that cannot be read is None, and ``unavailable`` then has a sentence for it; nothing here raises
    `KernelError`. Code is imported where a noun has objects: it is compiled on the target, and the code about links,
    say, is a quarter of all.
    """

    def __init__(self) -> None:
        self.unavailable: dict[str, str] = {}

    def _read(self, noun: str, read: Callable):
        try:
            return read()
        except errors.KernelError as error:
            from .failure import sentence

            self.unavailable[noun] = sentence("read {}".format({"btfs": "BTF objects"}.get(noun, noun)), error)
            return None

    @cached_property
    def _programs(self):
        return self._read("programs", lambda: _scan(ids.PROG))

    @cached_property
    def _maps(self):
        return self._read("maps", lambda: _scan(ids.MAP))

    @cached_property
    def _pins(self):
        return self._read("pins", _scan_pins)

    @cached_property
    def _owners(self):
        """The answer of `owners.scan`, None where it cannot be had."""
        from .._objects import owners

        found = self._read("owners", owners.scan)
        if found is not None and found.denied:
            self.unavailable["memlock.limits"] = f"incomplete: {found.denied}"
        return found

    @cached_property
    def pids(self) -> list[int] | None:
        """The processes that hold BPF objects, None where they cannot be told."""
        if self._is_bare():
            return []
        return None if self._owners is None else sorted(self._owners.comm)

    def _is_bare(self) -> bool:
        """Return whether nothing is there that a process could hold: then nobody needs to look into all of them."""
        held = [btf for btf in self.btfs or () if not btf["kernel"]]
        return self.programs == self.maps == self.links == held == []

    @cached_property
    def programs(self):
        if not self._programs:
            return self._programs
        from .program_records import program_records

        return program_records(*self._programs)

    @cached_property
    def maps(self):
        if not self._maps:
            return self._maps
        from .._view import map

        reader, maps = self._maps
        view = map.View(reader.call.has)
        return [view.record(found) for found in maps]

    @cached_property
    def links(self):
        return self._read("links", self._read_links)

    def _read_links(self) -> list[dict]:
        if next(ids.walk(ids.LINK), None) is None:
            return []
        from .._objects import link
        from .link_records import link_records, type_or_reason

        types = None
        if self._programs is not None:
            types = {program.id: type_or_reason(program) for program in _objects(self._programs)}
        return link_records(list(link.scan()), types)

    @cached_property
    def btfs(self):
        return self._read("btfs", self._read_btfs)

    def _read_btfs(self) -> list[dict]:
        from .._objects import btf
        from .._view import btf as view

        users = None
        if self._programs is not None and self._maps is not None:
            from . import btf_users

            users = btf_users.users_of(_objects(self._programs), _objects(self._maps))
        return [view.record(found, users, "programs or maps not readable") for found in btf.scan()]

    @cached_property
    def pins(self):
        if not self._pins:
            return self._pins
        from .._view import pin as view

        return [view.record(found) for found in self._pins]

    def add_columns(self) -> None:
        """Put the ``pinned`` and ``pids`` columns into the records of programs, maps and links."""
        if not self.programs and not self.maps and not self.links:
            return
        from .columns import Pids, Pinned

        # First the owners: what a process hands on to a link or a pin meanwhile is then seen with it, or there.
        pids = Pids(self._owners, self.unavailable.get("owners", ""))
        columns = (Pinned(self._pins, self.unavailable.get("pins", "")), pids)
        nouns = [(records, kind) for records, kind in self._columned() if records]
        for records, kind in nouns:
            for record in records:
                for column in columns:
                    column.add(record, kind)

    def _columned(self) -> tuple:
        return (self.programs, "prog"), (self.maps, "map"), (self.links, "link")


def _scan(kind: ids.Kind) -> tuple | list:
    """Return the reader of a kind with the objects it read, [] where there are none."""
    if next(ids.walk(kind), None) is None:
        return []
    if kind is ids.PROG:
        from .._objects import prog

        reader, programs = prog.scan()
        return reader, list(programs)
    from .._objects import map as bpf_map

    map_reader, maps = bpf_map.scan()
    return map_reader, list(maps)


def _scan_pins() -> list:
    walked = bpffs.walk_mounts()
    if not any(entries for _mount, entries in walked):
        return []
    from .._objects import pin

    return pin.read_all(walked)


def _objects(scanned: tuple | list) -> list:
    return scanned[1] if scanned else []
