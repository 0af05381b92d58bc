# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What goes wrong with the content of a map, as the end of a module."""

from __future__ import annotations

from .._kernel import errors
from .._objects.map_walk import LostPlace
from .._view.map_words import why_unreadable
from .failure import fail, failure
from .one_map import NoSuchMap, Opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

_LOST = (
    "that key is not in the map any more, and the kernel would begin again. Begin without next_after, or write the "
    "whole map with bpf_map_dump"
)
# What a kernel says that cannot do it with this type; ENOSPC is for sockets with values of 4 bytes.
_REFUSALS = ("EINVAL", "ENOSPC", "ENOTSUPP", "EOPNOTSUPP")


def fail_opening(module: AnsibleModule, error: Exception) -> None:
    """End a module with a sentence about a map that could not be opened."""
    if isinstance(error, errors.KernelError):
        fail(module, "open the map", error)
    module.fail_json(msg=str(error), near_matches=error.near if isinstance(error, NoSuchMap) else [])


def fail_content(module: AnsibleModule, opened: Opened, error: Exception) -> None:
    """End a module with a sentence about the content of a map."""
    what = f"read the entries of {opened.words()}"
    if isinstance(error, errors.KernelError):
        why = why_unreadable(opened.info.type) if error.name in _REFUSALS else ""
        if why:
            module.fail_json(msg=f"cannot {what}: {why}", failure=dict(failure(error), hint=why))
        # Not the map but the file that it is written to.
        fail(module, f"write {opened.words()}" if error.call.startswith(("write ", "read ")) else what, error)
    if isinstance(error, LostPlace):
        module.fail_json(msg=f"cannot {what} behind next_after: {_LOST}")
    module.fail_json(msg=f"{opened.words()}: {error}")
