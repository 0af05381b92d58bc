# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""What the author of a program wrote about it: the variables bpf_metadata_* in its read-only data."""

from __future__ import annotations

from . import kinds
from .value import decoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .reader import Spec

PREFIX = "bpf_metadata_"


def metadata(spec: Spec, type_id: int, data: bytes) -> dict[str, Any]:
    """Return {name without the prefix: value}, empty if there are none.

    ``type_id`` is the value type of a .rodata map, ``data`` its only value. A map whose value is no section has none.
    Raises BtfError if the types are damaged or the value is too short for them.
    """
    if spec.kind(type_id) != kinds.DATASEC:
        return {}
    found = {}
    for variable, offset, size in spec.variables(type_id):
        name = spec.name(variable)
        if name.startswith(PREFIX):
            found[name[len(PREFIX) :]] = decoder(spec, variable)(data[offset : offset + size])
    return found
