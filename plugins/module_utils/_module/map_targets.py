# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Maps whose values are programs or other maps: a descriptor is written, and an id is read."""

from __future__ import annotations

import struct

from .._btf.errors import WrongValue
from .._kernel import errors
from .._objects import ids
from .._uapi import map_types as types
from .._view.record import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._kernel.fd import Fd

_NUMBER = struct.Struct("=I")
_WAYS = ("id", "pinned", "name")
_NAME_LENGTH = 15
# type -> (kind of object, where in a value its number is)
_PLACES = {
    types.PROG_ARRAY: (ids.PROG, 0),
    types.ARRAY_OF_MAPS: (ids.MAP, 0),
    types.HASH_OF_MAPS: (ids.MAP, 0),
    types.DEVMAP: (ids.PROG, 4),
    types.DEVMAP_HASH: (ids.PROG, 4),
    types.CPUMAP: (ids.PROG, 4),
}


class Targets:
    """The objects that the values of one map name. They stay open until the end of this context manager."""

    def __init__(self, info: Any) -> None:
        kind, self._place = _PLACES.get(info.type, (None, 0))
        # A devmap or cpumap of small values has no programs.
        self._kind: ids.Kind | None = kind if self._place < info.value_size else None
        self._open: dict[int, Fd] = {}

    def __enter__(self) -> Targets:
        return self

    def __exit__(self, *_error: object) -> None:
        for fd in self._open.values():
            fd.close()

    def resolved(self, records: list[Any], name: Any) -> list[Any]:
        """Return entries with ``{id: ...}`` for values that name an object by its pin or its name.

        Raises WrongValue where there is no such object.
        """
        if self._kind is None or self._place:
            return records
        return [self._resolved(record, name(number)) for number, record in enumerate(records)]

    def _resolved(self, record: Any, name: str) -> Any:
        value = record.get("value") if isinstance(record, dict) else None
        if not isinstance(value, dict) or set(value) == {"id"} or self._kind is None:
            return record
        field = f"{name}value"
        if len(value) != 1 or next(iter(value)) not in _WAYS:
            raise WrongValue(field, "needs a mapping with one of id, pinned and name")
        from . import single
        from .select import Selector

        selector = Selector(dict(dict.fromkeys(_WAYS), **value))
        try:
            if selector.name is not None:
                selector.wanted["id"] = self._by_name(selector.name, field)
            fd = single.open_named(self._kind, selector)
        except (errors.KernelError, single.WrongPin) as error:
            raise WrongValue(field, f"{selector.describe()} cannot be opened: {error}") from None
        found = self._noun().Reader(fdinfo=False).read(0, fd.number)
        self._open.setdefault(found.id, fd)
        return dict(record, value={"id": found.id})

    def _by_name(self, name: str, field: str) -> int:
        _reader, found = self._noun().scan(fdinfo=False)
        # The kernel keeps no more of a name.
        numbers = [one.id for one in found if one.info is not None and text(one.info.name) == name[:_NAME_LENGTH]]
        if len(numbers) != 1:
            these = ", ".join([str(number) for number in numbers])
            how = f"{len(numbers)} are called {name}: {these}" if numbers else f"none is called {name}"
            raise WrongValue(field, f"{how}; name one by id or by its pin")
        return numbers[0]

    def _noun(self) -> Any:
        # Most maps hold no objects: their tasks do not pay for reading some.
        if self._kind is ids.PROG:
            from .._objects import prog

            return prog
        from .._objects import map

        return map

    def open(self, values: Any) -> None:
        """Open the objects that values are about to name; raises WrongValue for one that is not there."""
        if self._kind is None:
            return
        for value in values:
            number = _NUMBER.unpack_from(value, self._place)[0]
            if number in self._open or (self._place and not number):
                continue
            try:
                self._open[number] = ids.open_id(self._kind, number)
            except errors.Vanished:
                what = "program" if self._kind is ids.PROG else "map"
                raise WrongValue("value", f"there is no {what} with id={number}") from None

    def descriptor(self, value: bytes) -> bytes:
        """Return a value as it is written: with a descriptor in the place of the id."""
        if self._kind is None:
            return value
        number = _NUMBER.unpack_from(value, self._place)[0]
        fd = self._open[number].number if number in self._open else 0
        return value[: self._place] + _NUMBER.pack(fd) + value[self._place + _NUMBER.size :]
