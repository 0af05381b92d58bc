# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The options of ``bpf_sysctl``, and what a task means by them."""

from __future__ import annotations

import os
import re
from collections import namedtuple

from .._objects import sysctl, sysctl_files
from .._view.sysctl_plan import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Behind every name in use for such files: the last file that names a setting decides.
DEFAULT_FILE = "/etc/sysctl.d/99-zz-ebpf-fleet.conf"

SPEC: dict[str, dict[str, Any]] = {
    "settings": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "runtime": {"type": "bool", "default": True},
    "persist": {"type": "bool", "default": True},
    "file": {"type": "path", "default": DEFAULT_FILE},
    "conflicts": {"type": "str", "choices": ["report", "fail", "fix"], "default": "report"},
    "strict": {"type": "bool", "default": False},
    "accept_latch": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
}

# ``wanted`` maps names to numbers, None where only our line is to go; ``options`` are those of the decision table.
Task = namedtuple("Task", "wanted options file conflicts")

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+)\Z")


class Refusal(Exception):
    """A sentence that ends the task before anything is written; ``error`` is the kernel's where there is one."""

    def __init__(self, text: str, error: OSError | None = None) -> None:
        super().__init__(text)
        self.error = error


def read_task(params: dict[str, Any]) -> Task:
    """Return what the parameters of a task mean; raises `Refusal`."""
    if not (params["runtime"] or params["persist"]):
        raise Refusal("there is nothing to do: runtime and persist are both false")
    present = params["state"] == "present"
    wanted = {name: _number(name, value, present) for name, value in sorted(params["settings"].items())}
    keys = ("runtime", "persist", "strict", "accept_latch", "force")
    return Task(wanted, Options(present, *(params[key] for key in keys)), _file(params["file"]), params["conflicts"])


def _number(name: str, value: Any, present: bool) -> int | None:
    """Return the number that a value of ``settings`` stands for."""
    if name not in sysctl.NAMES:
        raise Refusal(f"{name} is not a setting of BPF: settings takes {', '.join(sysctl.NAMES)}")
    if value is None or value == "":
        if present:
            raise Refusal(f"{name} has no value: only with state=absent it may be null")
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    # templating on ansible-core 2.16 makes strings of numbers
    if isinstance(value, str) and _NUMBER.match(value.strip()):
        return int(value.strip(), 0)
    raise Refusal(f"{name}={value!r} is not a number: it takes an integer, or a string with a decimal or 0x number")


def _file(path: str) -> str:
    path = os.path.normpath(path)
    directory, name = os.path.split(path)
    read_at_boot = directory in sysctl_files.DIRECTORIES and name.endswith(".conf") and not name.startswith(".")
    if not read_at_boot and path != sysctl_files.LEGACY_FILE:
        raise Refusal(
            f"{path} is not read at boot: file takes a name ending in .conf in one of "
            f"{', '.join(sysctl_files.DIRECTORIES)}, or {sysctl_files.LEGACY_FILE}"
        )
    return path
