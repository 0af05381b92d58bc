# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Conditions on entries, judged before entries are made: only the fields that they name are decoded."""

from __future__ import annotations

import operator

from .._btf.errors import WrongValue
from .form_number import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .._objects.map_data import Chunk
    from .entry import Entries

_ORDERED = {"lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge}
OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "contains")


class Where:
    """All of some conditions ``{field, op, value}``.

    A field is ``key`` or ``value``, with a path behind it where the form has parts: ``key.ports[1]``. A per-CPU entry
    meets a condition on its value if the value of one CPU does.
    """

    def __init__(self, conditions: list[dict[str, Any]]) -> None:
        self._conditions = [_compile(**condition) for condition in conditions]

    def __bool__(self) -> bool:
        return bool(self._conditions)

    def filter(self, entries: Entries, chunk: Chunk) -> Chunk:
        """Return the chunk with those entries only that meet all conditions; WrongValue for a field there is not."""
        for part, path, meets in self._conditions:
            if not chunk.count:
                return chunk
            try:
                met = list(map(meets, self._column(entries, chunk, part, path)))
            except WrongValue as error:
                raise WrongValue(f"{part}.{path}" if path else part, error.reason) from None
            width = len(entries.shape.cpus) if part == "value" else 0
            if width:
                met = [any(met[at : at + width]) for at in range(0, len(met), width)]
            chunk = _choose(entries, chunk, [number for number, one in enumerate(met) if one])
        return chunk

    def _column(self, entries: Entries, chunk: Chunk, part: str, path: str) -> Any:
        if part == "key":
            if not entries.shape.key:
                raise WrongValue(part, "entries of this type of map have no keys")
            return entries.key.column(path, chunk.keys, entries.shape.key)
        return entries.value.column(path, chunk.values, entries.shape.each)


def _compile(field: str, op: str, value: Any) -> tuple[str, str, Callable[[Any], bool]]:
    for part in ("key", "value"):
        if field == part or field.startswith((part + ".", part + "[")):
            return part, field[len(part) :].lstrip("."), _test(op, value, field)
    raise WrongValue(field, 'a field begins with "key" or "value"')


def _test(op: str, wanted: Any, field: str) -> Callable[[Any], bool]:
    if op in _ORDERED:
        compare, limit = _ORDERED[op], integer(wanted, field)
        return lambda value: isinstance(value, (int, float)) and compare(value, limit)
    if op == "contains":
        return lambda value: isinstance(value, (str, list)) and any(one in value for one in _readings(wanted, value))
    several = wanted if op in ("in", "not_in") and isinstance(wanted, list) else [wanted]
    if op in ("in", "not_in") and not isinstance(wanted, list):
        raise WrongValue(field, f"{op} needs a list of values")
    readings = [reading for one in several for reading in _readings(one)]
    if op in ("eq", "in"):
        return lambda value: value in readings
    return lambda value: value not in readings


def _readings(wanted: Any, holder: Any = None) -> list[Any]:
    """Return what a wanted value may stand for: a template makes text of numbers and of yes and no."""
    if not isinstance(wanted, str) or isinstance(holder, str):
        return [wanted]
    found: list[Any] = [wanted]
    if wanted.lower() in ("true", "false"):
        found.append(wanted.lower() == "true")
    try:
        found.append(integer(wanted, ""))
    except WrongValue:
        pass
    return found


def _choose(entries: Entries, chunk: Chunk, numbers: list[int]) -> Chunk:
    """Return the chunk with the entries of some numbers."""
    if len(numbers) == chunk.count:
        return chunk
    size, stride = entries.shape.key, entries.shape.stride
    keys = b"".join([chunk.keys[number * size : (number + 1) * size] for number in numbers])
    values = b"".join([chunk.values[number * stride : (number + 1) * stride] for number in numbers])
    return chunk._replace(keys=keys, values=values, count=len(numbers))
