# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import procfs
from .._objects import prog
from .._view import prog as view


def program_records(reader: prog.Reader, programs: list[prog.Program]) -> list[dict]:
    """Return the records of programs, their names completed from BTF where the kernel's 15 characters may be cut."""
    maker = view.View(reader.call.has, procfs.boot_time_ns())
    records = [maker.record(program) for program in programs]
    cut = [(program, record) for program, record in zip(programs, records) if view.needs_function_name(program)]
    if cut:
        from . import function_names

        function_names.complete(cut)
    return records
