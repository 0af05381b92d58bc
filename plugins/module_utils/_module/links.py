# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import kallsyms
from .._kernel.errors import KernelError, Vanished, reason
from .._objects import ids, link, prog
from .._objects.device import device_names
from .._uapi import link_types
from .._view import link as view
from . import columns, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

INCLUDE = ("pinned", "pids")


def read(selector=None, include=()) -> list[dict]:
    """Return the records of links: all of them, or the one that a selector names by id or pin.

    ``include`` adds columns out of `INCLUDE`. Raises `KernelError` where links cannot be listed (EINVAL before Linux
    5.8).
    """
    reader = link.Reader()
    if single.names_one(selector):
        links = single.read_one(ids.LINK, selector, reader.read)
    else:
        links = list(ids.scan(ids.LINK, reader.read))
    records = records_of(links, _program_types(links))
    columns.add_columns(records, "link", include)
    return records


def read_all(programs: Iterable[prog.Program] | None) -> list[dict]:
    """Return the records of all links; ``programs`` tells their programs' types, None where those are not known."""
    types = None if programs is None else {found.id: _type_or_reason(found) for found in programs}
    return records_of(list(ids.scan(ids.LINK, link.Reader().read)), types)


def records_of(links: list[link.Link], types: dict[int, int | str] | None) -> list[dict]:
    """Return the records of links, looking up kernel symbols and network devices only where a link needs them."""
    addresses = view.addresses(links)
    maker = view.View(types, _symbols(addresses) if addresses else {}, device_names(links))
    return [maker.record(found) for found in links]


def _symbols(addresses: set[int]) -> dict[int, tuple[str, str | None]] | None:
    try:
        return kallsyms.find_addresses(addresses)
    except KernelError:
        return None


def _program_types(links: list[link.Link]) -> dict[int, int | str]:
    """Return program id -> type number of the programs of tracing links, the only ones whose record wants it."""
    reader = prog.Reader(fdinfo=False)
    numbers = {found.prog_id for found in links if found.type == link_types.TRACING and found.prog_id}
    return {number: _type_of(reader, number) for number in numbers}


def _type_of(reader: prog.Reader, number: int) -> int | str:
    """Return the type number of a program, or the reason why it cannot be had: a link may be read without it."""
    try:
        with ids.open_id(ids.PROG, number) as fd:
            return _type_or_reason(reader.read(number, fd.number))
    except Vanished:
        return "vanished"
    except KernelError as error:
        return reason(error)


def _type_or_reason(found: prog.Program) -> int | str:
    return found.info.type if found.error is None else reason(found.error)
