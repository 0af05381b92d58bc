# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._kernel.errors import KernelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def failure(error: KernelError) -> dict:
    """Return the machine-readable half of a failure: ``call errno name hint``."""
    return {"call": error.call, "errno": error.errno, "name": error.name, "hint": error.hint}


def sentence(what: str, error: KernelError) -> str:
    """Return one sentence with the object, the cause and, where it is known, the way out."""
    hint = error.hint
    way_out = f". {hint}" if hint else ""
    return f"cannot {what}: {error}{way_out}"


def fail(module: AnsibleModule, what: str, error: KernelError) -> None:
    """End a module with the translation of a kernel error; ``what`` reads after "cannot"."""
    module.fail_json(msg=sentence(what, error), failure=failure(error))
