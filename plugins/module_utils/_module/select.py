# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = {
    "id": {"type": "int"},
    "name": {"type": "str"},
    "pinned": {"type": "path"},
    "type": {"type": "str"},
    "required": {"type": "bool", "default": False},
}
TAG_OPTION = {"tag": {"type": "str"}}
_NEAR = 5


class Selector:
    """Which objects a task asks for: all that agree with every option given.

    ``id``, ``tag`` and ``type`` are compared whole, ``name`` with the kernel's name and the full name, ``pinned`` by
    identity (the caller opens the path and gives the id). ``params`` are all options, for a noun that has others too.
    """

    def __init__(self, params: dict) -> None:
        self.params = params
        self.wanted = {key: params[key] for key in ("id", "tag", "type") if params.get(key) is not None}
        self.name = params.get("name")
        self.pinned = params.get("pinned")
        self.required = bool(params.get("required"))

    @property
    def exact(self) -> bool:
        """Whether one object is meant, so that finding none deserves suggestions."""
        return bool(self.wanted or self.name or self.pinned)

    def matches(self, record: dict) -> bool:
        """Return whether a record is one of the objects asked for."""
        if any(record.get(key) != value for key, value in self.wanted.items()):
            return False
        return self.name is None or self.name in (record.get("name"), record.get("full_name"))

    def describe(self) -> str:
        """Return the selection in words, for messages."""
        pairs = dict(
            self.wanted, **{key: value for key, value in (("name", self.name), ("pinned", self.pinned)) if value}
        )
        return ", ".join(f"{key}={value}" for key, value in pairs.items())

    def near(self, records: list[dict]) -> list[dict]:
        """Return up to five records that come close to what was asked for, the closest first, as id, type and name."""
        ranked = sorted((_distance(self, record), record["id"], record) for record in records)
        return [
            {key: record[key] for key in ("id", "type", "name", "tag") if key in record}
            for distance, _id, record in ranked[:_NEAR]
            if distance < 1
        ]


def _distance(selector: Selector, record: dict) -> float:
    """Return how far a record is from a selection, from 0 (equal) to 1 (nothing in common)."""
    from difflib import SequenceMatcher

    pairs = [(str(value), record.get(key)) for key, value in selector.wanted.items()]
    if selector.name is not None:
        pairs.append((selector.name, record.get("full_name") or record.get("name")))
    if not pairs:
        return 1.0
    likeness = [SequenceMatcher(None, wanted, str(value or "")).ratio() for wanted, value in pairs]
    # One option that is met or nearly met is what a typing mistake in another one looks like.
    return 1 - sum(ratio for ratio in likeness if ratio >= 0.5) / len(likeness)


def select(selector: Selector, records: list[dict], everything: Callable[[], list[dict]]) -> dict:
    """Return ``{"found": [...], "near_matches": [...]}``; ``everything`` lists what there is when nothing was found."""
    found = [record for record in records if selector.matches(record)]
    near = selector.near(everything()) if selector.exact and not found else []
    return {"found": found, "near_matches": near}
