# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""All the words in the BTF of a program, whatever the kinds of the types: what loaders for old kernels keep."""

from __future__ import annotations

from . import kinds
from .prototype import prototype

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Spec


def strings(spec: Spec) -> set[bytes]:
    """Return the strings of a blob, those of its base not among them."""
    return set(spec.string_section().split(b"\0")) - {b""}


def prototypes(spec: Spec) -> list[str]:
    """Return the prototype of every function, as `prototype` writes it; raises BtfError for damage."""
    return [prototype(spec, number) for number in range(1, spec.count()) if spec.kind(number) == kinds.FUNC]
