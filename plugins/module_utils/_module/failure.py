# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel import errors, probe
from .._objects import ids
from .._uapi import commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def failure(error: errors.KernelError) -> dict:
    """Return the machine-readable half of a failure: ``call errno name hint``."""
    return {"call": error.call, "errno": error.errno, "name": error.name, "hint": _hint(error)}


def _hint(error: errors.KernelError) -> str:
    """Return the way out; that a kernel cannot list a kind of object at all is something its probe knows."""
    for kind in (ids.PROG, ids.MAP, ids.LINK, ids.BTF):
        if error.call == commands.COMMAND_NAMES[kind.next_command]:
            answer = kind.listing()
            if answer.outcome == probe.NO:
                return answer.why
    return error.hint


def sentence(what: str, error: errors.KernelError) -> str:
    """Return one sentence with the object, the cause and, where it is known, the way out."""
    hint = _hint(error)
    return f"cannot {what}: {error}{'. ' if hint else ''}{hint}"


def fail(module: AnsibleModule, what: str, error: errors.KernelError) -> None:
    """End a module with the translation of a kernel error; ``what`` reads after "cannot"."""
    module.fail_json(msg=sentence(what, error), failure=failure(error))
