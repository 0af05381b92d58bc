# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import ids, prog
from . import columns, single
from .program_records import program_records

INCLUDE = ("pinned", "pids", "metadata")


def read(selector=None, include=()) -> list[dict]:
    """Return the records of programs: all of them, or the one that a selector names by id or pin.

    ``include`` adds columns out of `INCLUDE`. Raises `KernelError` where programs cannot be listed at all.
    """
    reader = prog.Reader()
    if single.names_one(selector):
        programs = single.read_one(ids.PROG, selector, reader.read)
    else:
        programs = list(ids.scan(ids.PROG, reader.read, prog.Program))
    records = program_records(reader, programs)
    columns.add_columns(records, "prog", include)
    if "metadata" in include:
        from . import metadata

        metadata.add(records)
    return records
