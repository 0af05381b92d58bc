# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors
from .._objects import ids, link, prog
from .._uapi import link_types
from . import columns, single
from .link_records import link_records, type_or_reason

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
        links = list(ids.scan(ids.LINK, reader.read, link.Link))
    records = link_records(links, _program_types(links))
    columns.add_columns(records, "link", include)
    return records


def _program_types(links: list[link.Link]) -> dict[int, int | str]:
    """Return program id -> type number of the programs of tracing links, the only ones whose record wants it."""
    reader = prog.Reader(fdinfo=False)
    numbers = {found.prog_id for found in links if found.type == link_types.TRACING and found.prog_id}
    return {number: _type_of(reader, number) for number in numbers}


def _type_of(reader: prog.Reader, number: int) -> int | str:
    """Return the type number of a program, or the reason why it cannot be had: a link may be read without it."""
    try:
        with ids.open_id(ids.PROG, number) as fd:
            return type_or_reason(reader.read(number, fd.number))
    except errors.Vanished:
        return "vanished"
    except errors.KernelError as error:
        return errors.reason(error)
