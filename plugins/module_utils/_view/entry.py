# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Packed keys and values -> entries, as records or as lines of JSON."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._objects.map_data import Chunk
    from .._objects.map_shape import Shape


class Entries:
    """Makes entries of one map: ``{key, value}``, or ``{key, per_cpu: [{cpu, value}]}``.

    ``key_raw`` and ``value_raw`` (hex) are there where the form of the bytes leads back to other bytes. A map without
    keys has null there.
    """

    def __init__(self, shape: Shape, key: Any, value: Any) -> None:
        self.shape = shape
        self.key = key
        self.value = value
        self._template: str | None = None

    def records(self, chunk: Chunk) -> list[dict[str, Any]]:
        """Return the entries of a chunk."""
        keys, odd_keys = self._keys(chunk)
        values, odd_values = self.value.many(chunk.values, self.shape.each)
        if self.shape.cpus:
            values = self._per_cpu(values, odd_values)
            records = [{"key": key, "per_cpu": value} for key, value in zip(keys, values)]
            odd_values = {}
        else:
            records = [{"key": key, "value": value} for key, value in zip(keys, values)]
        for name, odd in (("key_raw", odd_keys), ("value_raw", odd_values)):
            for number, raw in odd.items():
                records[number][name] = raw.hex(" ")
        return records

    def lines(self, chunk: Chunk) -> str:
        """Return the entries of a chunk as JSON, one a line, without making records of them where that can be."""
        if not self.shape.key or self.key.quote is None or self.value.quote is None:
            return self._dumped(chunk)
        keys, plain = self.key.texts(chunk.keys, self.shape.key)
        if plain:
            values, plain = self.value.texts(chunk.values, self.shape.each)
        if not plain:
            return self._dumped(chunk)
        if self._template is None:
            self._template = self._line()
        # consecutive values belong to the CPUs of one key
        columns = [iter(values)] * max(len(self.shape.cpus), 1)
        return "".join(map(self._template.__mod__, zip(keys, *columns)))

    def _keys(self, chunk: Chunk) -> tuple[Any, dict[int, bytes]]:
        if not self.shape.key:
            return [None] * chunk.count, {}
        return self.key.many(chunk.keys, self.shape.key)

    def _per_cpu(self, values: Any, odd: dict[int, bytes]) -> list[list[dict[str, Any]]]:
        cpus = self.shape.cpus
        width = len(cpus)
        slots = [{"cpu": cpus[number % width], "value": value} for number, value in enumerate(values)]
        for number, raw in odd.items():
            slots[number]["value_raw"] = raw.hex(" ")
        return [slots[at : at + width] for at in range(0, len(slots), width)]

    def _line(self) -> str:
        if not self.shape.cpus:
            return f'{{"key":{self.key.quote},"value":{self.value.quote}}}\n'
        slots = ",".join(f'{{"cpu":{cpu},"value":{self.value.quote}}}' for cpu in self.shape.cpus)
        return f'{{"key":{self.key.quote},"per_cpu":[{slots}]}}\n'

    def _dumped(self, chunk: Chunk) -> str:
        from .._btf.jsonlines import dump

        return "".join([dump(record) + "\n" for record in self.records(chunk)])


def first(chunk: Chunk, shape: Shape, count: int) -> Chunk:
    """Return the first entries of a chunk."""
    if chunk.count <= count:
        return chunk
    return chunk._replace(
        keys=chunk.keys[: count * shape.key], values=chunk.values[: count * shape.stride], count=count
    )


def last_key(chunk: Chunk, shape: Shape) -> bytes:
    """Return the key of the last entry of a chunk."""
    return chunk.keys[(chunk.count - 1) * shape.key : chunk.count * shape.key]
