# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The work of bpf_map_entry_info."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .._btf.errors import WrongValue
from .._kernel import errors
from .._objects import map_holder
from .._objects.map_walk import LostPlace
from .._uapi import map_types as types
from .._view import forms
from .._view.form_number import integer
from .._view.where import OPERATORS, Where
from . import map_reading, one_map
from .map_failure import fail_content, fail_opening
from .map_reading import Reading, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CONDITION = {
    "field": {"type": "str", "required": True},
    "op": {"type": "str", "choices": list(OPERATORS), "default": "eq"},
    "value": {"type": "raw", "required": True},
}
SPEC = dict(
    map_reading.SPEC,
    key={"type": "raw", "no_log": False},
    key_raw={"type": "str", "no_log": False},
    next_after={"type": "raw"},
    next_after_raw={"type": "str"},
    value={"type": "raw"},
    limit={"type": "int", "default": 1000},
    where={"type": "list", "elements": "dict", "default": [], "options": _CONDITION},
    recurse={"type": "bool", "default": False},
)
_PLACES = ("key", "key_raw", "next_after", "next_after_raw", "value")
_MAPS = (types.ARRAY_OF_MAPS, types.HASH_OF_MAPS)


def run() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec=SPEC,
        supports_check_mode=True,
        required_one_of=one_map.RULES["required_one_of"],
        mutually_exclusive=[*one_map.RULES["mutually_exclusive"], _PLACES],
    )
    params = module.params
    if params["limit"] < 1:
        module.fail_json(msg=f"limit: {params['limit']} is no number of entries; bpf_map_dump writes all of a map")
    try:
        with one_map.open_one(params) as opened:
            try:
                result = _read(opened, params)
            except (errors.KernelError, WrongValue, LostPlace) as error:
                fail_content(module, opened, error)
            module.exit_json(changed=False, map=opened.record(), **result)
    except (errors.KernelError, one_map.NoSuchMap, one_map.single.WrongPin) as error:
        fail_opening(module, error)


def _read(opened: one_map.Opened, params: dict[str, Any]) -> dict[str, Any]:
    where = Where(params["where"])
    reading = Reading(opened, wanted(params))
    if params["value"] is not None:
        return _all(_member(reading, params["value"]))
    if opened.info.type in map_holder.NAMES and params["key"] is not None:
        return _all(_held(reading, params["key"]))
    if params["key"] is not None or params["key_raw"] is not None:
        result = _all(reading.one(reading.key(params["key"], params["key_raw"], "key")))
    else:
        after = None
        if params["next_after"] is not None or params["next_after_raw"] is not None:
            after = reading.key(params["next_after"], params["next_after_raw"], "next_after")
        result = reading.some(params["limit"], after, where)
    if params["recurse"] and opened.info.type in _MAPS:
        _add_inner(result["entries"], params["limit"])
    return result


def _all(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"entries": entries, "complete": True, "next_after": None}


def _member(reading: Reading, value: Any) -> list[dict[str, Any]]:
    """Return the entry of a value in a bloom filter, which says of it that it is surely not there or may be."""
    if reading.opened.info.type != types.BLOOM_FILTER:
        raise WrongValue("value", "is for bloom filters, which tell of a value whether it may be in them")
    data = reading.entries.value.encode(value, "value")
    (shown,), _odd = reading.entries.value.many(data)
    return [{"key": None, "value": shown, "member": reading.content.elements.holds(data)}]


def _held(reading: Reading, key: Any) -> list[dict[str, Any]]:
    """Return the entries of local storage that belong to an object: a process, file, control group or socket."""
    map_type = reading.opened.info.type
    names = map_holder.NAMES[map_type]
    if not isinstance(key, dict) or names[0] not in key or not set(key) <= set(names):
        raise WrongValue("key", f"needs a dict with {' and, if wanted, '.join(names)}")
    numbers = {name: integer(key[name], f"key.{name}") for name in key if name in ("pid", "fd")}
    entries = []
    for name, holder in map_holder.holders(map_type, dict(key, **numbers)):
        with holder:
            for record in reading.entries.records(reading.content.lookup(map_holder.key(holder))):
                record.pop("key_raw", None)
                entries.append(dict(record, key=name))
    return entries


def _add_inner(entries: list[dict[str, Any]], limit: int) -> None:
    """Put what inner maps hold into the entries of a map of maps; all of them together stay within the limit."""
    room = limit
    for entry in entries:
        try:
            with one_map.open_id(entry["value"]["id"]) as opened:
                found = Reading(opened, forms.Wanted()).some(max(room, 1), None, Where([]))
                room -= len(found["entries"])
                entry["inner"] = dict(opened.record(), entries=found["entries"], complete=found["complete"])
        except errors.KernelError as error:
            entry["inner"] = None
            entry["unavailable"] = {"inner": error.name}
