# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What has to be done to a map so that it has the entries that a task wants."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .entry_wanted import Wanted

# At least so many entries, and one of ten, may be purged by a task that says nothing about it.
_DELETES, _SHARE = 100, 10
_FLAGS = {
    "exist": "is not in the map, and flags=exist changes only entries that are",
    "noexist": "is in the map with another value, and flags=noexist only adds entries",
}


class Unfit(Exception):
    """What a task wants cannot be; the text is a sentence without its end. ``key`` is the entry it is about."""

    def __init__(self, text: str, key: bytes | None = None) -> None:
        super().__init__(text)
        self.key = key


class Terms:
    """What a task allows, and what the map does.

    flags: any, exist, noexist. purge, allow_empty: bool. max_deletes: None for the default. zero: entries cannot be
    deleted and become zero. room: entries that the map has room for, 0 where it is not that what counts.
    """

    __slots__ = ("allow_empty", "flags", "max_deletes", "purge", "room", "zero")

    def __init__(self, **terms: Any) -> None:
        self.flags: str = terms.get("flags", "any")
        self.purge: bool = terms.get("purge", False)
        self.allow_empty: bool = terms.get("allow_empty", False)
        self.max_deletes: int | None = terms.get("max_deletes")
        self.zero: bool = terms.get("zero", False)
        self.room: int = terms.get("room", 0)


class Plan:
    """Changes: ``updates``, ``zeroed`` and ``adds`` (key -> new value), ``deletes`` (keys) and how many stay as they
    are. ``deletes_first`` says that there is no room otherwise.
    """

    __slots__ = ("adds", "deletes", "deletes_first", "unchanged", "updates", "zeroed")

    def __init__(self) -> None:
        self.updates: dict[bytes, bytes] = {}
        self.zeroed: dict[bytes, bytes] = {}
        self.adds: dict[bytes, bytes] = {}
        self.deletes: list[bytes] = []
        self.unchanged = 0
        self.deletes_first = False

    @property
    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.adds),
            "updated": len(self.updates),
            "deleted": len(self.deletes) + len(self.zeroed),
            "unchanged": self.unchanged,
        }

    @property
    def values(self) -> dict[bytes, bytes]:
        """What is written, in its order."""
        return _joined(self.updates, self.zeroed, self.adds)

    @property
    def order(self) -> list[str]:
        """The steps that there are, in their order."""
        counts = self.counts
        steps = ["delete", "update", "add"] if self.deletes_first else ["update", "add", "delete"]
        named = {"update": counts["updated"] + len(self.zeroed), "add": counts["added"], "delete": len(self.deletes)}
        return [step for step in steps if named[step]]


def plan(present: dict[bytes, bytes], wanted: Wanted, terms: Terms) -> Plan:
    """Return the changes that lead from the entries of a map to those that are wanted; raises `Unfit`.

    With ``purge`` ``present`` has to be all entries of the map, otherwise those of the wanted keys are enough.
    """
    made, values = Plan(), wanted.values
    differing = _differing(present, values)
    made.unchanged = len(values) - len(differing)
    for key, value, old in differing:
        if value is None:
            _delete(made, wanted, terms, key, old)
        elif old is None:
            _add(made, wanted, terms, key, value)
        else:
            _update(made, wanted, terms, key, old, value)
    if terms.purge:
        _purge(made, present, wanted, terms)
    _fit(made, present, terms)
    return made


def _differing(
    present: dict[bytes, bytes], values: dict[bytes, bytes | None]
) -> list[tuple[bytes, bytes | None, bytes | None]]:
    """Return (key, value, what is there) of the entries that are not as they shall be: of 100,000 mostly none."""
    # who has read the map and found it so hands the same out
    if values is present or values.items() <= present.items():
        return []
    rows = zip(values, values.values(), map(present.get, values))
    return [(key, value, old) for key, value, old in rows if value != old]


def merged(old: bytes, new: bytes, mask: int | None) -> bytes:
    """Return a value with the bits of the new one in a mask, and the old one's elsewhere."""
    if mask is None:
        return new
    rest = int.from_bytes(old, "little") & ~mask
    return (int.from_bytes(new, "little") & mask | rest).to_bytes(len(old), "little")


def _update(made: Plan, wanted: Wanted, terms: Terms, key: bytes, old: bytes, value: bytes) -> None:
    result = merged(old, value, wanted.masks.get(key, wanted.mask))
    if result == old:
        made.unchanged += 1
        return
    if terms.flags == "noexist":
        raise Unfit(_FLAGS["noexist"], key)
    made.updates[key] = result


def _add(made: Plan, wanted: Wanted, terms: Terms, key: bytes, value: bytes) -> None:
    if terms.flags == "exist":
        raise Unfit(_FLAGS["exist"], key)
    if key in wanted.lacks:
        fields = ", ".join(wanted.lacks[key][:5])
        raise Unfit(f"is not in the map yet, so there is no old value to keep {fields} from", key)
    made.adds[key] = value


def _delete(made: Plan, wanted: Wanted, terms: Terms, key: bytes, old: bytes | None) -> None:
    if old is None:
        made.unchanged += 1
    elif not terms.zero:
        made.deletes.append(key)
    else:
        result = merged(old, bytes(len(old)), wanted.mask)
        if result == old:
            made.unchanged += 1
        else:
            made.zeroed[key] = result


def _purge(made: Plan, present: dict[bytes, bytes], wanted: Wanted, terms: Terms) -> None:
    if not terms.allow_empty and not any(value is not None for value in wanted.values.values()):
        raise Unfit("the list has no entry, so purge would delete all; allow_empty=true says that this is meant")
    extra = Plan()
    for key in present.keys() - wanted.values.keys():
        _delete(extra, wanted, terms, key, present[key])
    count = extra.counts["deleted"]
    limit = max(_DELETES, len(present) // _SHARE) if terms.max_deletes is None else terms.max_deletes
    if count > limit:
        raise Unfit(f"purge would delete {count} of {len(present)} entries, and max_deletes is {limit}")
    # a set has no order, and two runs shall do the same
    made.deletes += sorted(extra.deletes)
    made.zeroed.update(sorted(extra.zeroed.items()))


def _fit(made: Plan, present: dict[bytes, bytes], terms: Terms) -> None:
    if not terms.room or not made.adds:
        return
    filled = len(present) + len(made.adds)
    if filled <= terms.room:
        return
    if filled - len(made.deletes) > terms.room:
        raise Unfit(
            f"it is full: it has room for {terms.room} entries and holds {len(present)}, and {len(made.adds)} more are "
            f"wanted ({len(made.deletes)} less)"
        )
    made.deletes_first = True


def _joined(*parts: dict[bytes, bytes]) -> dict[bytes, bytes]:
    whole: dict[bytes, bytes] = {}
    for part in parts:
        whole.update(part)
    return whole
