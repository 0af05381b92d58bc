# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The records of bpf_prog_info: those of `programs`, which others list as well, and the column that it alone has."""

from __future__ import annotations

from . import programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

INCLUDE = (*programs.INCLUDE, "identity")


def read(selector: Any = None, include: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the records of programs as `programs.read` does, with the column ``identity`` where it is asked for."""
    records = programs.read(selector, include)
    if "identity" in include:
        from . import identity

        identity.add(records, selector)
    return records
