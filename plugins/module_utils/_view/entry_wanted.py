# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Entries as a task gives them -> packed keys and values, and the bits of a value that they decide."""

from __future__ import annotations

import sys
from operator import itemgetter

from .._btf.errors import WrongValue
from .._objects.map_shape import INDEXED
from .._uapi import map_types as types
from .entry_lines import packed
from .form_text import hexadecimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

    from .entry import Entries

_NAMES = ("key", "key_raw", "value", "value_raw", "per_cpu", "state")
_STATES = ("present", "absent")
_PAIR = itemgetter("key", "value")


class Terms:
    """How entries are meant: ``state`` of those that tell none, what becomes of fields that are not ``unlisted``
    (error, zero, keep), the paths of fields to ``ignore``, and the mask of bits that are the kernel's (``owned``).
    """

    __slots__ = ("ignore", "owned", "state", "unlisted")

    def __init__(
        self, state: str = "present", unlisted: str = "error", ignore: Sequence[str] = (), owned: bytes = b""
    ) -> None:
        self.state = state
        self.unlisted = unlisted
        self.ignore = ignore
        self.owned = owned


class Wanted:
    """What a task wants to be in a map.

    values: key -> all bytes of its value, None for an entry that has to go. ``mask`` has the bits that count in a
    value (None: all), ``masks`` those of keys whose entries decide fewer, as integers of little endian. lacks: key ->
    the fields that have to come from an old value. given: key -> the bytes that a new entry gets for its key, where
    they are not the same: bits behind a prefix.
    """

    def __init__(self, entries: Entries, info: Any, terms: Terms) -> None:
        self.values: dict[bytes, bytes | None] = {}
        self.masks: dict[bytes, int] = {}
        self.lacks: dict[bytes, list[str]] = {}
        self.given: dict[bytes, bytes] = {}
        self._shape, self._key, self._form = entries.shape, entries.key, entries.value
        self._terms = terms
        self._ignored = _joined([self._form.bits(path) for path in terms.ignore], info.value_size)
        self._excluded = _number(self._spread(self._ignored)) | _number(self._spread(terms.owned))
        self._whole = _number(self._spread(self._form.mask)) & ~self._excluded
        self.mask = None if self._whole == (1 << 8 * self._shape.stride) - 1 else self._whole
        self._checked: Any = _key_check(info)
        self._plain = terms.state == "present" and terms.unlisted == "error" and not terms.ignore

    def add(self, records: Sequence[Any], name: Callable[[int], str]) -> None:
        """Add entries; ``name`` makes the beginning of the name of a field from the number of its entry.

        Raises WrongValue, which names the field that does not fit. The same key twice is wrong too.
        """
        if self._plain and self._add_plain(records):
            return
        for number, record in enumerate(records):
            self._add_one(record, name(number))

    def add_lines(self, lines: bytes) -> bool:
        """Add entries that are lines of JSON as a dump in hex writes them; False, and none is, where they are not."""
        octets = self._plain and self._key is not None and self._key.octets and self._form.octets
        found = packed(lines, self._key.size, self._form.size) if octets else None
        return found is not None and self._add_packed(*found)

    def _add_plain(self, records: Sequence[Any]) -> bool:
        """Add entries that are nothing but keys and values, all at once; False where they need a closer look."""
        if set(map(type, records)) != {dict} or set(map(len, records)) != {2}:
            return False
        try:
            keys, values = zip(*map(_PAIR, records))
        except KeyError:
            return False
        return self._add_all(keys, values)

    def _add_all(self, keys: Sequence[Any], values: Sequence[Any]) -> bool:
        """Add entries with keys and values as a task gives them; False, and none is, where they need a closer look."""
        try:
            packed_keys, packed_values = self._key.encode_many(keys), self._form.encode_many(values)
        except (AttributeError, WrongValue):
            return False
        return self._add_packed(packed_keys, packed_values)

    def _add_packed(self, keys: Sequence[bytes], values: Sequence[bytes]) -> bool:
        try:
            meant = list(map(self._meant, keys)) if self._checked else keys
        except WrongValue:
            return False
        before = len(self.values)
        self.values.update(zip(meant, map(self._spread, values) if self._shape.cpus else values))
        if len(self.values) == before + len(keys):
            return True
        # A key came twice: the closer look begins with what was there before, and says which.
        for key in list(self.values)[before:]:
            del self.values[key]
        return False

    def _add_one(self, record: Any, name: str) -> None:
        if not isinstance(record, dict):
            raise WrongValue(name.rstrip(".: "), "an entry is a mapping with key and value")
        for part in record:
            if part not in _NAMES:
                raise WrongValue(f"{name}{part}", f"is no part of an entry; there are: {', '.join(_NAMES)}")
        state = record.get("state") or self._terms.state
        if state not in _STATES:
            raise WrongValue(name + "state", f"{state!r} is neither present nor absent")
        key = self._key_of(record, name)
        if key in self.values:
            raise WrongValue(name + "key", "an earlier entry has the same key")
        if state == "absent":
            self.values[key] = None
            return
        data, mask, missing = self.value_of(record, name)
        if missing and self._terms.unlisted == "error":
            raise WrongValue(", ".join(missing[:5]) + (", ..." if len(missing) > 5 else ""), "is missing")
        decided = self._whole if self._terms.unlisted == "zero" else self._whole & mask
        self.values[key] = data
        if decided != self._whole:
            self.masks[key] = decided
        if missing and self._terms.unlisted == "keep":
            self.lacks[key] = missing

    def _key_of(self, record: dict[str, Any], name: str) -> bytes:
        if self._key is None:
            raise WrongValue(name + "key", "entries of this type of map have no keys")
        field = name + "key"
        if record.get("key_raw") is not None:
            field += "_raw"
            key = hexadecimal(self._shape.key).encode(record["key_raw"], field)
        elif record.get("key") is None:
            raise WrongValue(field, "is missing")
        else:
            key = self._key.encode(record["key"], field)
        try:
            return self._meant(key) if self._checked else key
        except WrongValue as error:
            raise WrongValue(field, error.reason) from None

    def _meant(self, given: bytes) -> bytes:
        key = self._checked(given)
        if key != given:
            self.given[key] = given
        return key

    def value_of(self, record: dict[str, Any], name: str) -> tuple[bytes, int, list[str]]:
        """Return (all bytes, mask of the bits that are given, fields that are not) of the value of an entry."""
        if record.get("per_cpu") is not None:
            return self._per_cpu(record, name)
        data, mask, missing = self._one_value(record, name)
        return self._spread(data), _number(self._spread(mask)), missing

    def _one_value(self, holder: dict[str, Any], name: str) -> tuple[bytes, bytes, list[str]]:
        if holder.get("value_raw") is not None:
            size = len(self._form.mask)
            return hexadecimal(size).encode(holder["value_raw"], name + "value_raw"), b"\xff" * size, []
        if "value" not in holder:
            raise WrongValue(name + "value", "is missing")
        return self._form.part(holder["value"], name + "value", self._ignored)

    def _per_cpu(self, record: dict[str, Any], name: str) -> tuple[bytes, int, list[str]]:
        slots, field = record["per_cpu"], name + "per_cpu"
        if not self._shape.cpus or "value" in record or "value_raw" in record:
            raise WrongValue(field, "goes without value" if self._shape.cpus else "the map is not per CPU")
        if not isinstance(slots, list) or not all(isinstance(slot, dict) for slot in slots):
            raise WrongValue(field, "needs a list of mappings with cpu and value")
        found: dict[int, tuple[bytes, bytes, list[str]]] = {}
        for number, slot in enumerate(slots):
            cpu, place = slot.get("cpu"), f"{field}[{number}]."
            if cpu not in self._shape.cpus or cpu in found or not set(slot) <= {"cpu", "value", "value_raw"}:
                which = f"needs cpu, one of {_few(self._shape.cpus)} and each once, and value"
                raise WrongValue(place.rstrip("."), which)
            found[cpu] = self._one_value(slot, place)
        return self._slots(found, field)

    def _slots(self, found: dict[int, tuple[bytes, bytes, list[str]]], field: str) -> tuple[bytes, int, list[str]]:
        data, mask, missing = b"", b"", []
        for cpu in self._shape.cpus:
            if cpu not in found:
                missing.append(f"{field} of CPU {cpu}")
            value, bits, lacking = found.get(cpu, (b"", b"", []))
            data += value.ljust(self._shape.each, b"\0")
            mask += bits.ljust(self._shape.each, b"\0")
            missing += lacking
        return data, _number(mask), missing

    def _spread(self, data: bytes) -> bytes:
        """Return the bytes of one value as the kernel takes them: once, or for each CPU."""
        return data.ljust(self._shape.each, b"\0") * len(self._shape.cpus) if self._shape.cpus else data


def _key_check(info: Any) -> Callable[[bytes], bytes] | None:
    """Return what makes of a key the one that the kernel means, and refuses what it would; None: no key needs it."""
    if info.type == types.LPM_TRIE:
        from .form_address import prefix

        return prefix
    if info.type not in INDEXED:
        return None
    entries = info.max_entries

    def check(key: bytes) -> bytes:
        number = int.from_bytes(key, sys.byteorder)
        if number >= entries:
            raise WrongValue("", f"there is no index {number}: the map has those from 0 to {entries - 1}")
        return key

    return check


def _joined(masks: list[bytes], size: int) -> bytes:
    whole = 0
    for mask in masks:
        whole |= _number(mask)
    return whole.to_bytes(size, "little") if masks else b""


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _few(numbers: Sequence[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 8 else ", ".join(map(str, numbers))
