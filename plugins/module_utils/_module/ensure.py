# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""How every module that changes something changes it: read, plan, apply, read again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ansible.module_utils.basic import AnsibleModule


class NotKept(Exception):
    """What was written is not what is there now: somebody else wrote as well, or the kernel took another value."""


def ensure(
    module: AnsibleModule, before: Any, after: Any, apply: Callable[[], None], read: Callable[[], Any]
) -> dict[str, Any]:
    """Bring the state ``before`` to ``after`` and return ``changed``, and ``diff`` where it was asked for.

    Both states are plain data and equal exactly when nothing is to do. In check mode neither ``apply`` nor ``read`` is
    called. ``read`` looks again, not at what ``apply`` may have kept; a state other than ``after`` raises `NotKept`.
    """
    changed = before != after
    if changed and may_act(module):
        apply()
        now = read()
        if now != after:
            raise NotKept(_difference(after, now))
    result: dict[str, Any] = {"changed": changed}
    if module._diff:
        result["diff"] = {"before": before, "after": after}
    return result


def may_act(module: AnsibleModule) -> bool:
    """Return whether a task may do more than look: not in check mode, and that holds for probes too."""
    return not module.check_mode


def _difference(wanted: Any, now: Any) -> str:
    if isinstance(wanted, dict) and isinstance(now, dict):
        keys = [key for key in wanted if wanted[key] != now.get(key)] + [key for key in now if key not in wanted]
        return "; ".join(f"{key} is {now.get(key)!r}, not {wanted.get(key)!r}" for key in keys)
    return f"it is {now!r}, not {wanted!r}"
