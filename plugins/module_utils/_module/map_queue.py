# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Values that a task puts into a queue or stack, or takes out of it: another run does so again."""

from __future__ import annotations

from .._btf.errors import WrongValue
from .._kernel import errors
from .._objects.map_data import Chunk
from .._objects.map_write import Writer
from .._view.entry_plan import Unfit
from .._view.entry_wanted import Terms, Wanted
from . import entry_source
from .ensure import ensure
from .map_change import WriteFailed
from .map_writing import FLAGS, open_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ansible.module_utils.basic import AnsibleModule

    from .map_reading import Reading

_AGAIN = "a task pushes its values, or pops one, each time it runs: allow_non_idempotent=true says that this is meant"


def change(module: AnsibleModule, reading: Reading) -> dict[str, Any]:
    """Push values or pop one, and return the result; raises `Unfit`, WrongValue, `WriteFailed`, `KernelError`."""
    params = module.params
    if not params["allow_non_idempotent"]:
        raise Unfit(_AGAIN)
    if params["flags"] == "noexist" or params["purge"]:
        raise Unfit("flags=noexist and purge are for maps with keys")
    queue = _Queue(reading, params)
    if params["state"] == "absent":
        return queue.popped(module)
    return queue.pushed(module, _values(params, reading))


def _values(params: dict[str, Any], reading: Reading) -> list[bytes]:
    wanted = Wanted(reading.entries, reading.opened.info, Terms())
    values = []
    for records, name in entry_source.read(params):
        for number, record in enumerate(records):
            place = name(number)
            if not isinstance(record, dict) or set(record) - {"key", "value", "value_raw"} or record.get("key"):
                raise WrongValue(place.rstrip(".: "), "an entry of a queue or stack has a value and no key")
            data, _mask, missing = wanted.value_of(record, place)
            if missing:
                raise WrongValue(", ".join(missing), "is missing")
            values.append(data)
    if not values:
        raise Unfit("nothing is to be pushed: give value, entries or src")
    return values


class _Queue:
    def __init__(self, reading: Reading, params: dict[str, Any]) -> None:
        self._reading, self._params = reading, params
        self._written = 0

    def pushed(self, module: AnsibleModule, values: list[bytes]) -> dict[str, Any]:
        # what is in a queue cannot be listed, so the diff tells how many come
        after = {"pushed": len(values)}
        result = ensure(module, {"pushed": 0}, after, lambda: self._push(values), lambda: after)
        return dict(self._told(added=len(values)), **result)

    def popped(self, module: AnsibleModule) -> dict[str, Any]:
        entries = self._next()
        after = {"popped": len(entries)}
        result = ensure(module, {"popped": 0}, after, lambda: self._pop(entries), lambda: after)
        return dict(self._told(deleted=len(entries)), popped=entries, **dict(result, changed=bool(entries)))

    def _next(self) -> list[dict[str, Any]]:
        chunks = list(self._reading.content.chunks())
        return self._reading.entries.records(chunks[0]) if chunks else []

    def _push(self, values: list[bytes]) -> None:
        with open_again(self._reading.opened, self._params["pinned"]) as fd:
            writer = Writer(fd.number, self._reading.content.shape, FLAGS[self._params["flags"]])
            for number, value in enumerate(values):
                try:
                    writer.push(value)
                except errors.KernelError as error:
                    writer.failed.append((b"", error.with_traceback(None)))
                    writer.written, writer.not_attempted = number, len(values) - number - 1
                    raise WriteFailed(writer, self._reading) from None
        self._written = len(values)

    def _pop(self, entries: list[dict[str, Any]]) -> None:
        with open_again(self._reading.opened, self._params["pinned"]) as fd:
            try:
                data = Writer(fd.number, self._reading.content.shape).pop()
            except errors.Vanished:
                entries.clear()  # somebody else was faster
                return
        self._written = 1
        entries[:] = self._reading.entries.records(Chunk(b"", data, 1))

    def _told(self, added: int = 0, deleted: int = 0) -> dict[str, Any]:
        return {
            "map": self._reading.opened.record(),
            "counts": {"added": added, "updated": 0, "deleted": deleted, "unchanged": 0},
            "order": ["add"] * bool(added) + ["delete"] * bool(deleted),
            "written": self._written,
            "failed_entries": [],
            "not_attempted": 0,
        }
