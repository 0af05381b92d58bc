# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from collections import namedtuple

from ansible.module_utils.basic import AnsibleModule

from .._kernel import errors
from .._kernel.systemd import SystemdError
from .._objects import limit_pair
from .._objects.limit_pair import Unfit
from .ensure import NotKept
from .failure import fail

# What a task asks for. ``pair`` has None for what it does not name, ``present`` is False for state=absent.
Wanted = namedtuple("Wanted", "pair at_least present file restart")

PATTERNS = ("process_name", "cgroup", "unit_name")
_SPEC = {
    "scope": {"type": "str", "choices": ["process", "unit", "manager", "user"], "required": True},
    "pid": {"type": "int"},
    "process_name": {"type": "str"},
    "cgroup": {"type": "str"},
    "unit_name": {"type": "str"},
    "unit": {"type": "str"},
    "user": {"type": "str"},
    "soft": {"type": "str"},
    "hard": {"type": "str"},
    "policy": {"type": "str", "choices": ["exact", "at_least"], "default": "exact"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "file": {"type": "path"},
    "restart": {"type": "bool", "default": False},
    "required": {"type": "bool", "default": False},
}
_REQUIRED = [
    ("scope", "process", ("pid", *PATTERNS), True),
    ("scope", "unit", ("unit",)),
    ("scope", "user", ("user",)),
    ("state", "present", ("soft", "hard"), True),
]
# options that only some scopes have
_OF_SCOPES = {
    **dict.fromkeys(("pid", *PATTERNS, "required"), ("process",)),
    "unit": ("unit",),
    "user": ("user",),
    "restart": ("unit",),
    "file": ("unit", "manager", "user"),
}


def run() -> None:
    """Run ``bpf_memlock``."""
    module = AnsibleModule(
        argument_spec=_SPEC,
        required_if=_REQUIRED,
        mutually_exclusive=[("pid", name) for name in PATTERNS],
        supports_check_mode=True,
    )
    about = _about(module.params)
    try:
        result = _change(module, _wanted(module.params))
    except Unfit as error:
        module.fail_json(msg=f"cannot {_verb(module.params)} RLIMIT_MEMLOCK of {about}: {error}")
    except NotKept as error:
        module.fail_json(msg=f"RLIMIT_MEMLOCK of {about} was written and did not stay: {error}")
    except SystemdError as error:
        fail_systemd(module, f"{_verb(module.params)} RLIMIT_MEMLOCK of {about}", error)
    except errors.KernelError as error:
        fail(module, f"{_verb(module.params)} RLIMIT_MEMLOCK of {about}", error)
    module.exit_json(**result)


def fail_systemd(module: AnsibleModule, what: str, error: SystemdError) -> None:
    """End a module with what systemctl said; ``what`` reads after "cannot"."""
    failure = {"call": error.call, "errno": None, "name": None, "hint": ""}
    module.fail_json(msg=f"cannot {what}: {error.call} failed: {error}", failure=failure)


def _change(module: AnsibleModule, wanted: Wanted) -> dict:
    if module.params["scope"] == "process":
        from .memlock_process import change
    elif module.params["scope"] == "user":
        from .memlock_user import change
    else:
        from .memlock_systemd import change
    return change(module, wanted)


def _wanted(params: dict) -> Wanted:
    """Return what is asked for; raises `Unfit` for options that do not go together."""
    present = params["state"] == "present"
    if not present and params["scope"] == "process":
        raise Unfit("a process always has a limit, so state=absent says nothing: give soft and hard")
    for name, scopes in _OF_SCOPES.items():
        if params[name] and params["scope"] not in scopes:
            raise Unfit(f"{name} goes with scope={' or scope='.join(scopes)}: leave it out")
    soft, hard = (None if params[name] is None else limit_pair.parse(params[name]) for name in ("soft", "hard"))
    pair = soft, hard
    if not present and pair != (None, None):
        raise Unfit("state=absent takes our setting away and sets none: leave soft and hard out")
    return Wanted(
        limit_pair.plan((None, None), pair, False),
        params["policy"] == "at_least",
        present,
        params["file"],
        params["restart"],
    )


def _verb(params: dict) -> str:
    return "set" if params["state"] == "present" else "remove"


def _about(params: dict) -> str:
    """Return in words what a task is about."""
    if params["scope"] == "manager":
        return "the systemd manager"
    if params["scope"] != "process":
        return f"{params['scope']} {params[params['scope']]}"
    if params["pid"] is not None:
        return f"process {params['pid']}"
    return "processes with " + ", ".join(f"{name}={params[name]}" for name in PATTERNS if params[name])
