# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What bpf_map_entry tells of its work."""

from __future__ import annotations

from .._kernel import errors
from .._view.map_write_words import LRU, why_refused
from .map_change import SHOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ansible.module_utils.basic import AnsibleModule

    from .._objects.map_write import Writer
    from .map_change import Change
    from .map_reading import Reading

# An LRU map evicts before it is full: each CPU keeps some free entries for itself.
_CROWDED = 0.8


def asked(params: dict[str, Any]) -> dict[str, Any]:
    """Return the options as a result repeats them: without long lists, which cost the controller as much once more."""
    count = len(params["entries"] or ())
    return dict(params, entries=f"{count} entries") if count > SHOWN else params


def told(change: Change) -> dict[str, Any]:
    """Return the result of a task that has come to its end, ``changed`` and ``diff`` apart."""
    writer = change.writer
    return {
        "map": change.reading.opened.record(),
        "counts": change.plan.counts,
        "order": change.plan.order,
        "written": writer.written if writer else 0,
        "failed_entries": [],
        "not_attempted": 0,
        "evicted": change.evicted,
        "appeared_during_run": change.shown(change.appeared),
        "drifted_during_run": change.shown(change.drifted),
    }


def drift(change: Change) -> str:
    """Return the sentence about entries that somebody else has written in the meantime."""
    return f"{len(change.drifted)} of the written entries are something else by now: {_few(change, change.drifted)}"


def warn(module: AnsibleModule, change: Change) -> None:
    """Warn of what a user should know although the task did what it was asked for."""
    words = change.reading.opened.words()
    if change.drifted:
        module.warn(f"{words}: {drift(change)}")
    if change.appeared:
        came = _few(change, change.appeared)
        module.warn(f"{words}: {len(change.appeared)} entries came during the run and are left: {came}")
    if change.evicted:
        module.warn(f"{words}: the kernel has evicted {change.evicted} of the written entries already")
    if change.plan.deletes_first:
        module.warn(f"{words}: there was no room otherwise, so entries are deleted before others are added")
    _warn_of_crowd(module, change, words)
    if change.plan.order and module.params["pinned"] and not _is_used(change.info.id):
        module.warn(f"{words}: no program uses the map, so maybe it is not the one that was meant")


def _warn_of_crowd(module: AnsibleModule, change: Change, words: str) -> None:
    filled = len(change.present) + len(change.plan.adds) - len(change.plan.deletes)
    room = change.info.max_entries
    if change.info.type in LRU and change.plan.adds and filled > _CROWDED * room:
        module.warn(f"{words}: {filled} entries of {room} is so full that the kernel may evict any of them")


def _is_used(map_id: int) -> bool:
    from .._objects import map_users

    try:
        return map_users.has_program(map_id)
    except errors.KernelError:
        return True  # who may not list programs cannot tell


def _few(change: Change, keys: list[bytes]) -> str:
    shown = ", ".join(map(str, change.shown(keys)[:5]))
    return shown + (", ..." if len(keys) > 5 else "")


def fail(module: AnsibleModule, reading: Reading, writer: Writer) -> None:
    """End a module whose writes the kernel refused, with how far it came."""
    from .failure import failure, sentence

    opened, key_form = reading.opened, reading.entries.key
    key, error = writer.failed[0]
    why = why_refused(opened.info, error.name)
    about = f" of key {key_form.many(key)[0][0]!r}" if key_form else ""
    text = sentence(f"write the entry{about} into {opened.words()}", error)
    more = f" ({len(writer.failed)} entries failed)" if len(writer.failed) > 1 else ""
    failed = [
        {"key": key_form.many(one)[0][0] if key_form else None, "error": str(problem)}
        for one, problem in writer.failed[:SHOWN]
    ]
    module.fail_json(
        msg=f"{text.partition('. ')[0] if why else text}{'. ' + why[0].upper() + why[1:] if why else ''}{more}",
        changed=bool(writer.written),
        map=opened.record(),
        written=writer.written,
        failed_entries=failed,
        not_attempted=writer.not_attempted,
        failure=dict(failure(error), hint=why) if why else failure(error),
    )
