# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The work of bpf_map_entry."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._btf.errors import WrongValue
from .._kernel import errors
from .._objects.map_walk import LostPlace
from .._view import forms
from .._view.entry_plan import Terms, Unfit
from .._view.entry_wanted import Terms as EntryTerms
from .._view.entry_wanted import Wanted
from .._view.map_write_words import ARRAYS, LRU, why_unwritable
from . import entry_source, map_entry_result, map_reading, map_typing, one_map
from .ensure import ensure
from .map_change import Change, NotOpened, WriteFailed
from .map_reading import Reading, wanted
from .map_targets import Targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPEC = dict(
    map_reading.SPEC,
    entries={"type": "list", "elements": "raw"},
    key={"type": "raw", "no_log": False},
    key_raw={"type": "str", "no_log": False},
    value={"type": "raw"},
    value_raw={"type": "str"},
    per_cpu={"type": "list", "elements": "dict"},
    src={"type": "path"},
    remote_src={"type": "bool", "default": False},
    state={"type": "str", "choices": ["present", "absent"], "default": "present"},
    purge={"type": "bool", "default": False},
    allow_empty={"type": "bool", "default": False},
    max_deletes={"type": "int"},
    absent_means={"type": "str", "choices": ["zero"]},
    flags={"type": "str", "choices": ["any", "exist", "noexist"], "default": "any"},
    unlisted_fields={"type": "str", "choices": ["error", "zero", "keep"], "default": "error"},
    ignore_fields={"type": "list", "elements": "str", "default": []},
    allow_non_idempotent={"type": "bool", "default": False},
    on_error={"type": "str", "choices": ["stop", "continue"], "default": "stop"},
    verify={"type": "str", "choices": ["warn", "strict"], "default": "warn"},
)
_APART = [
    *one_map.RULES["mutually_exclusive"],
    ("entries", "src", "key", "key_raw"),
    ("value", "value_raw", "per_cpu"),
    *[(whole, part) for whole in ("entries", "src") for part in ("value", "value_raw", "per_cpu")],
]


class Drifted(Exception):
    """What was written is not what is there now, and the task wants to fail for that."""


def run() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_one_of=one_map.RULES["required_one_of"],
        mutually_exclusive=_APART,
    )
    try:
        with one_map.open_one(module.params) as opened:
            _on(module, opened)
    except (errors.KernelError, one_map.NoSuchMap, one_map.single.WrongPin) as error:
        from .map_failure import fail_opening

        fail_opening(module, error)


def _on(module: AnsibleModule, opened: one_map.Opened) -> None:
    try:
        result = _change(module, opened)
    except (Unfit, Drifted) as error:
        module.fail_json(msg=f"cannot change {opened.words()}: {error}", changed=isinstance(error, Drifted))
    except WriteFailed as error:
        map_entry_result.fail(module, error.reading, error.writer)
    except NotOpened as error:
        from .failure import fail

        fail(module, f"write into {opened.words()}", error.error)
    except (errors.KernelError, WrongValue, LostPlace) as error:
        from .map_failure import fail_content

        fail_content(module, opened, error)
    module.exit_json(invocation={"module_args": map_entry_result.asked(module.params)}, **result)


def _change(module: AnsibleModule, opened: one_map.Opened) -> dict[str, Any]:
    params = module.params
    _check(params, opened.info)
    typing = map_typing.read(opened.info)
    reading = Reading(opened, wanted(params), typing)
    if not opened.info.key_size:
        from . import map_queue

        return map_queue.change(module, reading)
    with Targets(opened.info) as targets:
        change = Change(reading, _wanted(params, reading, typing, targets), _terms(params, opened), targets, params)
        return _ensured(module, change)


def _check(params: dict[str, Any], info: Any) -> None:
    """Refuse what does not go together, and types that no task writes; raises `Unfit`."""
    why = why_unwritable(info.type)
    if why:
        raise Unfit(why)
    given = [name for name in ("entries", "src", *entry_source.PARTS) if params[name] is not None]
    if not given and info.key_size:
        raise Unfit("nothing is to be written: give entries, src or key")
    if params["purge"] and (params["state"] == "absent" or not {"entries", "src"} & set(given)):
        raise Unfit("purge deletes what a list does not have: it goes with entries or src, and state=present")
    if params["purge"] and info.type in LRU:
        raise Unfit("the kernel evicts entries of an LRU map as it likes, so no list can be all that it holds")
    if params["max_deletes"] is not None and params["max_deletes"] < 0:
        raise Unfit(f"max_deletes: {params['max_deletes']} is no number of entries")
    if info.type in ARRAYS and params["purge"] and not params["absent_means"]:
        raise Unfit("the entries of an array cannot be deleted: absent_means=zero sets them to zero")
    if info.type not in ARRAYS and params["absent_means"]:
        raise Unfit("absent_means is for arrays: entries of this type can be deleted")


def _wanted(params: dict[str, Any], reading: Reading, typing: forms.Typing, targets: Targets) -> Wanted:
    """Return what the task wants, all of it looked at; raises WrongValue, `Unfit` and `KernelError`."""
    info = reading.opened.info
    owned = map_typing.owned(info, typing)
    terms = EntryTerms(params["state"], params["unlisted_fields"], params["ignore_fields"], owned)
    found = Wanted(reading.entries, info, terms)
    for records, name in entry_source.read(params, found.add_lines):
        found.add(targets.resolved(records, name), name)
    if info.type in ARRAYS and not params["absent_means"] and None in found.values.values():
        raise Unfit("the entries of an array cannot be deleted: absent_means=zero sets them to zero")
    return found


def _terms(params: dict[str, Any], opened: one_map.Opened) -> Terms:
    names = ("flags", "purge", "allow_empty", "max_deletes")
    return Terms(zero=opened.info.type in ARRAYS, **{name: params[name] for name in names})


def _ensured(module: AnsibleModule, change: Change) -> dict[str, Any]:
    change.prepare()
    before, after = change.states()

    def apply() -> None:
        from . import map_writing

        map_writing.apply(change)

    def read() -> dict[str, Any]:
        from . import map_writing

        map_writing.look_again(change)
        if change.drifted and module.params["verify"] == "strict":
            raise Drifted(map_entry_result.drift(change))
        return after

    result = ensure(module, before, after, apply, read)
    map_entry_result.warn(module, change)
    return dict(map_entry_result.told(change), **result)
