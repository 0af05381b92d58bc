# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Bytes of many values of a type, at equal distances -> the values, column by column.

The functions here make the ``table`` of a codec. None is called with data that are empty or no multiple of the stride.
"""

from __future__ import annotations

import struct
from itertools import islice, repeat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Sequence

    from .scalar import Codec

    Table = Callable[[bytes, int], Iterable[Any]]


def read(codec: Codec, mark: str, data: bytes, stride: int) -> Iterable[Any]:
    """Return the values of a codec that begin every ``stride`` bytes; one without a size takes all of them."""
    if codec.table:
        return codec.table(data, stride)
    if codec.size is None:
        return [data[at : at + stride].hex(" ") for at in range(0, len(data), stride)]
    items = [item for (item,) in struct.iter_unpack(f"{mark}{codec.code}{stride - codec.size}x", data)]
    return codec.finish(items) if codec.finish else items


def column(codec: Codec, items: Sequence[Any]) -> Iterable[Any]:
    """Return the values of a column that was read with `code`."""
    if codec.table:
        return codec.table(b"".join(items), codec.size)
    return codec.finish(items) if codec.finish else items


def code(codec: Codec) -> str:
    """Return the format of ``struct`` that reads one value of a codec as one item."""
    return codec.code or f"{codec.size}s"


def numbers(mark: str, element: Codec, count: int) -> Table:
    """Return the table of arrays whose elements ``struct`` reads as they are."""
    size = count * element.size
    row = f"{mark}{count}{element.code}"
    return lambda data, stride: map(list, struct.iter_unpack(f"{row}{stride - size}x", data))


def lists(mark: str, element: Codec, count: int) -> Table:
    """Return the table of any other arrays."""
    size = count * element.size

    def table(data: bytes, stride: int) -> Iterable[list[Any]]:
        if stride != size:
            data = b"".join(item for (item,) in struct.iter_unpack(f"{size}s{stride - size}x", data))
        values = iter(read(element, mark, data, element.size))
        return [list(islice(values, count)) for _turn in range(len(data) // size)]

    return table


def records(mark: str, size: int, fields: Sequence[Any]) -> Table:
    """Return the table of structs, unions and sections."""
    names = [field.name for field in fields]
    layers, places = _layers(mark, fields)
    plain = len(layers) == 1 and not any(field.codec.table or field.codec.finish for field in fields)
    if plain and places == list(range(len(fields))):
        row, end = layers[0]
        return lambda data, stride: map(
            dict, map(zip, repeat(names), struct.iter_unpack(f"{row}{stride - end}x", data))
        )

    def table(data: bytes, stride: int) -> Iterable[dict[str, Any]]:
        if not names:
            return [{} for _turn in range(len(data) // stride)]
        items: list[Any] = []
        for row, end in layers:
            items += zip(*struct.iter_unpack(f"{row}{stride - end}x", data))
        values = [column(field.codec, items[place]) for field, place in zip(fields, places)]
        return map(dict, map(zip, repeat(names), zip(*values)))

    return table


def _layers(mark: str, fields: Sequence[Any]) -> tuple[list[tuple[str, int]], list[int]]:
    """Return ([(format, bytes it covers)], [place of each field's item among those of all formats]).

    Fields that lie over each other cannot be in one format; fields that read the same bytes in the same way share them.
    """
    wanted = sorted({(field.offset, code(field.codec)): field.codec.size for field in fields}.items())
    rows: list[list[Any]] = []
    for (offset, item), size in wanted:
        row = next((row for row in rows if row[1] <= offset), None)
        if row is None:
            row = ["", 0, []]
            rows.append(row)
        row[0] += f"{offset - row[1]}x{item}"
        row[1] = offset + size
        row[2].append((offset, item))
    order = [key for row in rows for key in row[2]]
    where = {key: number for number, key in enumerate(order)}
    places = [where[field.offset, code(field.codec)] for field in fields]
    return [(mark + row[0], row[1]) for row in rows], places
