# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
from fnmatch import fnmatchcase

from .._kernel import denial, errors, rlimit
from .._objects import limit_pair, memlock, process
from .._objects.limit_pair import Unfit
from .._view import memlock as view
from .ensure import ensure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ansible.module_utils.basic import AnsibleModule

    from .memlock import Wanted

# option -> attribute of a process
_ATTRIBUTES = {"process_name": "name", "cgroup": "cgroup", "unit_name": "unit"}


def choose(params: dict) -> list[process.Process]:
    """Return the processes that options name: the one with a pid, or those that agree with every pattern.

    Raises `Unfit` for a pid that is not there, and `KernelError`.
    """
    if params["pid"] is not None:
        found = process.get(params["pid"]) if params["pid"] > 0 else None
        if found is None:
            raise Unfit("there is no such process: it has ended, or its pid is another one")
        return [found]
    return process.find(matcher(params))


def matcher(params: dict) -> Callable[[process.Process], bool]:
    """Return the function that tells whether a process agrees with every pattern among some options."""
    patterns = {_ATTRIBUTES[name]: params[name] for name in _ATTRIBUTES if params[name]}
    return lambda one: all(fnmatchcase(getattr(one, name) or "", pattern) for name, pattern in patterns.items())


class _Targets:
    """The processes of a task, and what becomes of them."""

    def __init__(self, found: list[process.Process], wanted: Wanted, one: bool) -> None:
        self.limits = {limit.pid: limit for limit in memlock.limits(one.pid for one in found)}
        self._starts = {one.pid: one.start for one in found}
        self._wanted, self._one = wanted, one
        self.planned = {pid: limit._replace(**self._plan(limit)) for pid, limit in self.limits.items()}

    def _plan(self, limit: memlock.Limit) -> dict[str, int | None]:
        if limit.soft is None:
            # nobody knows what to keep of it; raises what kept the limit from us
            rlimit.memlock(limit.pid)
        now = (limit.soft, limit.hard)
        try:
            soft, hard = limit_pair.plan(now, self._wanted.pair, self._wanted.at_least)
        except Unfit as error:
            if self._one:
                raise
            raise Unfit(f"process {limit.pid} ({limit.comm}): {error}") from None
        if _raises(hard, limit.hard) and denial.missing_capabilities("prlimit", _capabilities()):
            # The kernel would say the same, but in check mode nobody asks it, and here no process is changed yet.
            raise errors.kernel_error(
                f"prlimit of process {limit.pid} ({limit.comm}) to a higher hard limit", errno.EPERM
            )
        return {"soft": soft, "hard": hard}

    def state(self, limits: dict[int, memlock.Limit]) -> dict[str, Any]:
        return {
            f"{limit.pid} ({limit.comm})": {"soft": limit_pair.word(limit.soft), "hard": limit_pair.word(limit.hard)}
            for limit in limits.values()
        }

    def is_there(self, pid: int) -> bool:
        """Return whether it is still the process that was chosen, and not a later one with its pid."""
        return process.start_time(pid) == self._starts[pid]

    def apply(self) -> None:
        """Set what differs; who ended meanwhile is left out, unless it was named by its pid."""
        for pid, limit in self.planned.items():
            if limit == self.limits[pid]:
                continue
            try:
                if not self.is_there(pid):
                    raise errors.Vanished(f"prlimit of process {pid}", errno.ESRCH)
                rlimit.set_memlock(pid, limit.soft, limit.hard)
            except errors.Vanished:
                if self._one:
                    raise

    def read(self) -> dict[int, memlock.Limit]:
        """Return the limits that are now, of those that are still there."""
        return {limit.pid: limit for limit in memlock.limits(self.planned) if self.is_there(limit.pid)}


def _raises(hard: int | None, now: int | None) -> bool:
    return hard is not None and now is not None and limit_pair.exceeds(hard, now)


def _capabilities() -> int:
    caps = denial.read_context().caps
    # where procfs does not tell, the call itself will
    return -1 if caps is None else caps


def change(module: AnsibleModule, wanted: Wanted) -> dict[str, Any]:
    """Bring processes to the limit that is wanted and return the result; raises `Unfit`, `KernelError`, `NotKept`."""
    found = choose(module.params)
    if not found and module.params["required"]:
        raise Unfit("there is no such process: check the pattern, or start it first")
    targets = _Targets(found, wanted, one=module.params["pid"] is not None)
    now = dict(targets.planned)

    def read() -> dict[str, Any]:
        now.clear()
        now.update(targets.read())
        # those that ended have nothing left to compare
        return targets.state({**targets.planned, **now})

    before, after = targets.state(targets.limits), targets.state(targets.planned)
    result = ensure(module, before, after, targets.apply, read)
    limits = [view.limit_record(now[pid]) for pid in sorted(now)]
    return {"limits": limits, "restart_required": False, **result}
