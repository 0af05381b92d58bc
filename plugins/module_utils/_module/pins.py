# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule

from .._kernel import bpffs, errors
from .._objects import pin
from .._view import pin as view
from .._view.record import text
from .failure import fail

_OPTIONS = {
    "paths": {"type": "list", "elements": "path"},
    "kind": {"type": "str", "choices": ["prog", "map", "link"]},
    "id": {"type": "int"},
    "name": {"type": "str"},
    "required": {"type": "bool", "default": False},
}


def read(paths=None) -> list[dict]:
    """Return the records of all pins, or of those at or below some paths, sorted by path; raises `KernelError`."""
    tops = None if paths is None else [os.fsencode(os.path.abspath(path)) for path in paths]
    return [view.record(found) for found in pin.scan(tops)]


def read_mounts() -> list[dict]:
    """Return path and options of every bpffs mount of this mount namespace; raises `KernelError`."""
    return [
        {"path": text(path), "options": [text(option) for option in options.split(b",") if option]}
        for path, options in bpffs.mounts()
    ]


def _nothing(wanted: dict, paths: list[str] | None) -> str:
    """Return the sentence that says that no pin was found."""
    words = ", ".join(f"{key}={value}" for key, value in wanted.items())
    where = f"at or below {', '.join(paths)}" if paths else "on this host"
    return f"no pin {f'with {words} ' if words else ''}{where}"


def run() -> None:
    """Run ``bpf_pin_info``."""
    module = AnsibleModule(argument_spec=_OPTIONS, supports_check_mode=True)
    wanted = {key: module.params[key] for key in ("kind", "id", "name") if module.params[key] is not None}
    try:
        found = read(module.params["paths"])
        mounts = read_mounts()
    except errors.KernelError as error:
        fail(module, "list the BPF file systems", error)
    pins = [record for record in found if all(record[key] == value for key, value in wanted.items())]
    if module.params["required"] and not pins:
        module.fail_json(msg=_nothing(wanted, module.params["paths"]), mounts=mounts)
    module.exit_json(changed=False, pins=pins, mounts=mounts)
