# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Who keeps a map, and who uses it."""

from __future__ import annotations

import os

from . import owners, pin, prog


def kept_by_others(map_id: int) -> bool:
    """Return whether a pin or a descriptor of another process keeps a map, as far as this process can see.

    When the last of them goes the kernel clears a prog_array, programs that use it or not. Raises `KernelError`.
    """
    if any(found.kind == "map" and found.id == map_id for found in pin.scan()):
        return True
    return any(pid != os.getpid() for pid in owners.scan().of("map", map_id))


def has_program(map_id: int) -> bool:
    """Return whether a program uses a map; raises `KernelError` where programs cannot be listed."""
    _reader, programs = prog.scan(fdinfo=False)
    return any(map_id in program.map_ids for program in programs)
