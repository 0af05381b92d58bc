# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors
from .._kernel.systemd import SystemdError
from .._objects import charge, memlock, owners, process, systemd_limit
from .._objects.limit_pair import Unfit
from .._view import limit as limit_view
from .._view import memlock as view
from .._view.headroom import Usage
from .._view.record import hide
from .ensure import may_act
from .failure import fail
from .memlock import PATTERNS, fail_systemd
from .memlock_look import Look, open_systemctl
from .memlock_process import matcher
from .memlock_user import read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._objects.memlock import Limit

SCOPES = ("process", "unit", "manager", "user")
_SPEC = {
    "scope": {"type": "list", "elements": "str", "choices": list(SCOPES)},
    "pid": {"type": "list", "elements": "int"},
    "process_name": {"type": "str"},
    "cgroup": {"type": "str"},
    "unit_name": {"type": "str"},
    "unit": {"type": "list", "elements": "str"},
    "user": {"type": "list", "elements": "str"},
    "probe": {"type": "bool", "default": False},
    "required": {"type": "bool", "default": False},
}
_FILTERS = {"process": ("pid", *PATTERNS), "unit": ("unit",), "manager": (), "user": ("user",)}


class _Reader:
    """Reads limits for one task; ``unavailable`` says what could not be read, by scope."""

    def __init__(self, module: AnsibleModule) -> None:
        self.module, self.params = module, module.params
        self.unavailable: dict[str, str] = {}
        self._owners: owners.Owners | None = None

    @property
    def owners(self) -> owners.Owners:
        """Who holds BPF objects; raises `KernelError`."""
        if self._owners is None:
            self._owners = owners.scan()
            if self._owners.denied:
                self.unavailable["limits"] = f"incomplete: {self._owners.denied}"
        return self._owners

    def read(self, scope: str, charged: bool | None) -> list[dict[str, Any]]:
        """Return the records of one scope; a host that has no such limits has none, and ``unavailable`` says so."""
        try:
            if scope == "process":
                return self._processes(charged)
            records = self._users() if scope == "user" else self._systemd(scope)
        except Unfit as error:
            self.unavailable[scope] = str(error)
            return []
        return [dict(record, headroom=None) for record in records]

    def _limits(self) -> list[Limit]:
        if self.params["pid"]:
            return memlock.limits(pid for pid in self.params["pid"] if pid > 0)
        if any(self.params[name] for name in PATTERNS):
            return memlock.limits(one.pid for one in process.find(matcher(self.params)))
        return memlock.limits(self.owners.comm)

    def _processes(self, charged: bool | None) -> list[dict[str, Any]]:
        limits = self._limits()
        if not charged or not limits:
            why = "this kernel charges nothing" if charged is False else "not known whether this kernel charges"
            return [hide(view.limit_record(limit), {"headroom": why}) for limit in limits]
        found = self._usage()
        records = []
        for limit in limits:
            record = dict(view.limit_record(limit), headroom=found.headroom(limit))
            if found.why or record["headroom"] is None:
                hide(record, {"headroom": found.why or "the limit or its user is not known"})
            records.append(record)
        return records

    def _usage(self) -> Usage:
        """Return what the objects of this host cost each user; raises `KernelError`."""
        from .survey import Survey

        survey = Survey()
        programs, maps = survey.programs, survey.maps
        users = {limit.pid: limit.user for limit in memlock.limits(self.owners.comm) if limit.user is not None}
        holders = {
            number: {users[pid] for pid in pids if pid in users} for number, pids in self.owners.pids["map"].items()
        }
        found = Usage(programs or [], maps or [], holders, memlock.user_name)
        if programs is None or maps is None:
            found.why = "programs or maps cannot be listed"
        return found

    def _systemd(self, scope: str) -> list[dict[str, Any]]:
        systemctl = open_systemctl(self.module)
        if scope == "manager":
            return [self._record(Look(systemd_limit.Manager(), systemctl))]
        units = self.params["unit"] or {limit.unit for limit in memlock.limits(self.owners.comm)}
        places = [systemd_limit.Unit(name) for name in units if self.params["unit"] or systemd_limit.is_limited(name)]
        looks = [Look(place, systemctl) for place in sorted(places, key=lambda place: place.name)]
        return [self._record(look) for look in looks if look.seen.missing is None]

    def _record(self, look: Look) -> dict[str, Any]:
        source, pair = look.effective()
        return limit_view.systemd_record(look.place.scope, look.place.name, pair, source)

    def _users(self) -> list[dict[str, Any]]:
        lines, wanted = read_lines(), self.params["user"]
        users = sorted({line.user for line in lines if not wanted or line.user in wanted})
        return [limit_view.user_record(user, [line for line in lines if line.user == user]) for user in users]


def _scopes(params: dict) -> list[str]:
    """Return the scopes to read, in their order: those that are named, or that a filter is of, or processes.

    Raises `Unfit` for a filter of a scope that is not among them, and for units that can have no limit.
    """
    filters = {name: scope for scope, names in _FILTERS.items() for name in names if params[name]}
    chosen = params["scope"] or set(filters.values()) or ["process"]
    for name, scope in filters.items():
        if scope not in chosen:
            raise Unfit(f"{name} goes with scope={scope}, which is not asked for: name it or leave {name} out")
    for name in params["unit"] or ():
        systemd_limit.Unit(name)
    return [scope for scope in SCOPES if scope in chosen]


def _charge(module: AnsibleModule) -> dict[str, Any]:
    """Return whether the kernel charges and how that is known, by what it does where that was asked for."""
    charged, evidence = charge.read()
    if not module.params["probe"]:
        return {"charged": charged, "evidence": evidence}
    if not may_act(module):
        return hide({"charged": charged, "evidence": evidence}, {"probed": "check mode"})
    from .._kernel import memlock_trial

    try:
        probed = memlock_trial.charges()
    except errors.KernelError as error:
        return hide({"charged": charged, "evidence": evidence}, {"probed": errors.reason(error)})
    evidence = f"the kernel {'refused' if probed else 'made'} a map for a process with a limit of 0"
    return {"charged": probed, "evidence": evidence, "probed": probed}


def run() -> None:
    """Run ``bpf_memlock_info``."""
    module = AnsibleModule(
        argument_spec=_SPEC,
        mutually_exclusive=[("pid", name) for name in PATTERNS],
        supports_check_mode=True,
    )
    reader = _Reader(module)
    try:
        scopes = _scopes(module.params)
        result = _charge(module)
        limits = [record for scope in scopes for record in reader.read(scope, result["charged"])]
    except Unfit as error:
        module.fail_json(msg=f"cannot list limits: {error}")
    except SystemdError as error:
        fail_systemd(module, "read RLIMIT_MEMLOCK", error)
    except errors.KernelError as error:
        fail(module, "read RLIMIT_MEMLOCK of this host", error)
    unavailable = {**result.pop("unavailable", {}), **reader.unavailable}
    if module.params["required"] and not limits:
        module.fail_json(msg=_nothing(module.params, reader.unavailable))
    if unavailable:
        result["unavailable"] = unavailable
    module.exit_json(changed=False, limits=limits, **result)


def _nothing(params: dict, unavailable: dict[str, str]) -> str:
    """Return the sentence that says that there is no such limit."""
    filters = [(name, params[name]) for names in _FILTERS.values() for name in names if params[name]]
    words = ", ".join(f"{name}={_text(value)}" for name, value in filters)
    why = "; ".join(unavailable.values())
    return f"no limit{f' with {words}' if words else ''} on this host{f': {why}' if why else ''}"


def _text(value: str | list) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else value
