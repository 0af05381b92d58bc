# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What the maps of programs add to their identity: the shapes of all, and the content of those that are frozen."""

from __future__ import annotations

from .._insn.source import rodata_sha256
from .._objects import ids, map
from .._objects.map_data import Content
from .._uapi import map_types
from .._view import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, Sequence

    from .._insn.fingerprint import Shape

# Every index of an array has a value, always in the same order; the entries of others are sorted.
_ARRAYS = (map_types.ARRAY, map_types.PERCPU_ARRAY)


class NotTold(Exception):
    """A part of an identity cannot be had; the text is the reason."""


class ProgramMaps:
    """The maps of the programs of one host, each read once; its methods raise `KernelError`."""

    def __init__(self) -> None:
        self._reader = map.Reader()
        self._known: dict[int, map.Map] = {}

    def _get(self, number: int) -> map.Map:
        if number not in self._known:
            with ids.open_id(ids.MAP, number) as fd:
                self._known[number] = self._reader.read(number, fd.number)
        found = self._known[number]
        if found.error is not None:
            raise found.error
        return found

    def shapes(self, numbers: Sequence[int]) -> dict[int, Shape]:
        """Return type, bytes of a key, bytes of a value and flags of maps by id."""
        return {number: _shape(self._get(number)) for number in numbers}

    def rodata_sha256(self, numbers: Sequence[int]) -> str:
        """Return the hash of the contents of those maps that are frozen; raises `NotTold` as well."""
        frozen = [self._get(number) for number in numbers if _is_frozen(self._get(number))]
        return rodata_sha256((_shape(found), _content(found)) for found in frozen)


def _shape(found: map.Map) -> Shape:
    info = found.info
    return info.type, info.key_size, info.value_size, info.map_flags


def _is_frozen(found: map.Map) -> bool:
    if found.fdinfo is None:
        raise found.fdinfo_error or NotTold("unsupported")
    told = record.fdinfo_value(found.fdinfo, b"frozen")
    if told is None:  # before Linux 5.2
        raise NotTold("unsupported")
    return told != b"0"


def _content(found: map.Map) -> Iterator[bytes]:
    with ids.open_id(ids.MAP, found.id) as fd:
        content = Content(fd.number, found.info)
        key, stride = content.shape.key, content.shape.stride
        if found.info.type in _ARRAYS:
            for chunk in content.chunks():
                yield chunk.values
        else:
            yield from sorted(
                chunk.keys[key * number : key * (number + 1)] + chunk.values[stride * number : stride * (number + 1)]
                for chunk in content.chunks()
                for number in range(chunk.count)
            )
    if not content.complete:
        raise NotTold(f"map {found.id} cannot be read whole")
