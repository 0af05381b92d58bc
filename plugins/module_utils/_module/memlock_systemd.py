# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import systemd_limit
from .._view import limit as view
from . import config_file
from .ensure import ensure
from .memlock_look import Look, open_systemctl, plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ansible.module_utils.basic import AnsibleModule

    from .._objects.limit_pair import Pair
    from .memlock import Wanted
    from .memlock_look import Place


def change(module: AnsibleModule, wanted: Wanted) -> dict[str, Any]:
    """Bring the setting of a unit or of the manager to what is wanted and return the result.

    Raises `Unfit`, `SystemdError`, `KernelError`, `NotKept`.
    """
    place: Place
    if module.params["scope"] == "unit":
        place = systemd_limit.Unit(module.params["unit"], wanted.file)
    else:
        place = systemd_limit.Manager(wanted.file)
    return _Change(module, place, wanted).run()


class _Change:
    def __init__(self, module: AnsibleModule, place: Place, wanted: Wanted) -> None:
        self.module, self.place, self.wanted = module, place, wanted
        self.systemctl = open_systemctl(module)
        self.look = Look(place, self.systemctl)
        self.content = plan(self.look, wanted)
        self.reloads = self.content != self.look.content or self.look.is_outdated(wanted.present)
        # What a removed setting leaves to other files, or to the manager.
        self.source, pair = self.look.settled(self.content)
        self.pair = self._default() if pair == (None, None) else pair
        self.pending = self.look.pending(self.pair, self.reloads)
        self.later: Look | None = None

    def _default(self) -> Pair:
        if self.content == self.look.content:
            return self.look.seen.pair
        if self.place.scope == "manager":
            return None, None
        return systemd_limit.Manager().read(self.systemctl).pair

    def run(self) -> dict[str, Any]:
        after = self._state(self.content, False, False)
        before = self._state(
            self.look.content,
            self.look.is_outdated(self.wanted.present),
            bool(self.look.pending(self.pair, False)),
        )
        result = ensure(self.module, before, after, self._apply, self._read)
        return {**self._result(), **result}

    def _state(self, content: bytes | None, needs_reload: bool, restart_required: bool) -> dict[str, Any]:
        state = {"file": self.place.file, self.place.key: self.look.text(content), "needs_reload": needs_reload}
        if self.wanted.restart:
            state["restart_required"] = restart_required
        return state

    def _apply(self) -> None:
        if self.content != self.look.content:
            config_file.replace(self.module, self.place.file, self.content)
        if self.reloads:
            self.systemctl.daemon_reload()
            if self.place.scope == "manager" and self._is_stuck():
                self.systemctl.daemon_reexec()
        if self.wanted.restart and self.pending:
            self.systemctl.try_restart(self.pending)

    def _is_stuck(self) -> bool:
        """Return whether the manager goes by its old settings still: older releases read them at their start only."""
        later = Look(self.place, self.systemctl)
        if later.settled(later.content)[0] is not None:
            return later.is_outdated(self.wanted.present)
        # No file tells the default of the build; that it is what our file said before is unlikely.
        return later.seen.pair == self.look.seen.pair

    def _read(self) -> dict[str, Any]:
        self.later = later = Look(self.place, self.systemctl)
        pending = later.pending(later.effective()[1], False)
        return self._state(later.content, later.is_outdated(self.wanted.present), bool(pending))

    def _result(self) -> dict[str, Any]:
        """Return the result as it is, or in check mode as it would be."""
        if self.later is None:
            source, pair, pending = self.source, self.pair, bool(self.pending) and not self.wanted.restart
        else:
            source, pair = self.later.effective()
            pending = bool(self.later.pending(pair, False))
        if self.place.scope == "manager":
            # Whatever runs keeps the limit that it was started with, and nobody can tell what of it relies on it.
            pending = self.content != self.look.content
        overridden_by = self._overriding(source)
        return {
            "limits": [view.systemd_record(self.place.scope, self.place.name, pair, source)],
            "restart_required": pending,
            "overridden_by": overridden_by,
        }

    def _overriding(self, source: str | None) -> str | None:
        if not self.wanted.present or self.look.text(self.content) is None:
            return None
        later, file = self.later, self.place.file
        if later is not None and later.seen.paths and file not in later.seen.paths:
            self.module.warn(f"systemd does not read {file}: a file of this name in another folder may hide it")
        if source == file:
            return None
        self.module.warn(f"{source} sets {self.place.key} after {file} and wins: remove it there, or give a later file")
        return source
