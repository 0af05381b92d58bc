# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import limit_pair, pam_limits
from .._objects.limit_pair import Unfit
from .._view import limit as view
from . import config_file
from .ensure import ensure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ansible.module_utils.basic import AnsibleModule

    from .._objects.limit_pair import Pair
    from .memlock import Wanted


def read_lines(file: str | None = None, content: bytes | None = None) -> list[pam_limits.Line]:
    """Return the memlock lines of all files of pam_limits, in its order; ``file`` as if it held ``content``.

    Raises `Unfit` where this host has no such limits, and `KernelError`.
    """
    if not pam_limits.exist():
        raise Unfit(f"this host has no limits by PAM ({pam_limits.DIRECTORY} is missing): install its modules first")
    found = []
    for path in pam_limits.files(file):
        found += pam_limits.parse(content if path == file else config_file.read(path), path)
    return found


def _plan(ours: Pair, effective: Pair, wanted: Wanted) -> Pair:
    """Return what our lines shall give: exactly what is wanted, or, with ``at_least``, what others do not give."""
    if not wanted.present:
        return None, None
    planned = limit_pair.plan(effective, wanted.pair, wanted.at_least)
    soft, hard = (
        mine if want is None or (wanted.at_least and will == now) else will
        for mine, want, will, now in zip(ours, wanted.pair, planned, effective)
    )
    return soft, hard


def change(module: AnsibleModule, wanted: Wanted) -> dict[str, Any]:
    """Bring the memlock lines of a user to what is wanted and return the result.

    Raises `Unfit`, `KernelError`, `NotKept`.
    """
    user, file = module.params["user"], wanted.file or pam_limits.default_file()
    pam_limits.check_user(user)
    pam_limits.check_file(file)
    old = config_file.read(file)
    now = pam_limits.merge(read_lines(file, old), user)
    ours = pam_limits.merge(pam_limits.parse(old, file), user)
    pair = _plan(ours, now, wanted)
    new = pam_limits.put(old, user, pair)
    why = config_file.mask(file)
    if new != old and why is not None:
        raise Unfit(f"cannot write {file}: {why}")

    def state(content: bytes | None) -> dict[str, Any]:
        soft, hard = pam_limits.merge(pam_limits.parse(content, file), user)
        text = None if content is None else content.decode("utf-8", "backslashreplace")
        return {"file": file, "soft": limit_pair.word(soft), "hard": limit_pair.word(hard), "content": text}

    result = ensure(
        module,
        state(old),
        state(new),
        lambda: config_file.replace(module, file, new),
        lambda: state(config_file.read(file)),
    )
    lines = [line for line in read_lines(file, new) if line.user == user]
    overridden_by = _overriding(module, pair, lines, file)
    records = [view.user_record(user, lines)] if lines else []
    return {"limits": records, "restart_required": False, "overridden_by": overridden_by, **result}


def _overriding(module: AnsibleModule, pair: Pair, lines: list[pam_limits.Line], file: str) -> str | None:
    """Return the file that gives the user something else after ours, with a warning, None for none."""
    for line in reversed(lines):
        if line.path == file:
            return None
        says = (line.soft, line.hard)
        if any(said is not None and ours not in (None, said) for said, ours in zip(says, pair)):
            module.warn(f"{line.path} gives {line.user} another memlock after {file} and wins: remove it there")
            return str(line.path)
    return None
