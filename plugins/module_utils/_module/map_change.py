# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""One map on its way to the entries that a task wants."""

from __future__ import annotations

from .._objects.map_data import Chunk
from .._uapi import map_types as types
from .._view.entry_plan import Plan, Terms, Unfit, plan
from .._view.form import cut
from .._view.map_write_words import BOUNDED, LRU

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

    from .._kernel import errors
    from .._objects.map_write import Writer
    from .._view.entry_wanted import Wanted
    from .map_reading import Reading
    from .map_targets import Targets

# So many entries and keys are shown where there may be 100,000.
SHOWN = 100
# A look-up of one key costs as much as this many entries that are read in a batch.
_ALONE = 16
_FROZEN = "it is frozen, and nobody can write into it any more. Make it anew"
_UNKEPT = (
    "nothing but this task and programs keep the prog_array, and the kernel clears its slots when the task ends: pin "
    "the map first"
)


class WriteFailed(Exception):
    """The kernel refused entries; ``writer`` tells how far it came."""

    def __init__(self, writer: Writer, reading: Reading) -> None:
        super().__init__()
        self.writer, self.reading = writer, reading


class NotOpened(Exception):
    """A map cannot be opened for writing; ``error`` says why."""

    def __init__(self, error: errors.KernelError) -> None:
        super().__init__()
        self.error = error


class Change:
    """What a task changes in one map that is open for reading.

    ``plan`` is set by `prepare`. What there is to do map_writing does: ``apply`` sets ``writer``, ``look_again`` sets
    ``drifted``, ``appeared`` (keys) and ``evicted`` (how many).
    """

    def __init__(
        self, reading: Reading, wanted: Wanted, terms: Terms, targets: Targets, params: dict[str, Any]
    ) -> None:
        self.reading, self.wanted, self.terms, self.targets = reading, wanted, terms, targets
        self.pinned, self.go_on = params["pinned"], params["on_error"] == "continue"
        self.info = reading.opened.info
        self.plan = Plan()
        self.writer: Writer | None = None
        self.present: dict[bytes, bytes] = {}
        self.drifted: list[bytes] = []
        self.appeared: list[bytes] = []
        self.evicted = 0
        # canonical key -> the one that is in the map
        self._stored: dict[bytes, bytes] = {}

    # ---- reading

    @property
    def _is_trie(self) -> bool:
        return self.info.type == types.LPM_TRIE

    def needs_all(self, keys: int) -> bool:
        return self.terms.purge or self._is_trie or keys * _ALONE >= self.info.max_entries

    def all_entries(self) -> dict[bytes, bytes]:
        """Return all entries of the map."""
        content = self.reading.content
        wanted: Any = self.wanted.values
        chunks = list(content.chunks())
        if not content.complete:
            raise Unfit("its entries come and go so fast that they cannot be listed: try again")
        same = not self._is_trie and sum(chunk.count for chunk in chunks) == len(wanted)
        if same and all(map(self._as_wanted, chunks)):
            return wanted
        found: dict[bytes, bytes] = {}
        for chunk in chunks:
            found.update(zip(cut(chunk.keys, content.shape.key), cut(chunk.values, content.shape.stride)))
        if not self._is_trie:
            return found
        from .._view.form_address import canonical

        self._stored = {canonical(key): key for key in found}
        return {canonical(key): value for key, value in found.items()}

    def _as_wanted(self, chunk: Chunk) -> bool:
        """Return whether entries are just what is wanted, which is what most runs find, without looking at each."""
        wanted: Any = self.wanted.values
        try:
            return b"".join(map(wanted.get, cut(chunk.keys, self.reading.content.shape.key))) == chunk.values
        except TypeError:
            return False  # of one nothing is wanted, or that it goes

    def some_entries(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the entries of some keys, as far as they are there."""
        lookup = self.reading.content.elements.lookup
        found = {key: lookup(key) for key in keys}
        return {key: value for key, value in found.items() if value is not None}

    def bytes_of(self, key: bytes) -> bytes:
        """Return a key as it is in the map, or as the task wants it there."""
        return self._stored.get(key) or self.wanted.given.get(key, key)

    # ---- planning

    def prepare(self) -> None:
        """Read the map and plan; raises `Unfit`, WrongValue, `KernelError`, and opens what values name."""
        # of an LRU map it is told how full it gets
        self._plan(self.needs_all(len(self.wanted.values)) or self.info.type in LRU)
        if self.plan.adds and self.plan.deletes and self.info.type in BOUNDED and not self.terms.room:
            self._plan(True)  # how full it is decides the order
        if not self.plan.order:
            return
        from .map_writing import is_frozen

        if is_frozen(self.reading.opened.fd):
            raise Unfit(_FROZEN)
        self.targets.open(self.plan.values.values())
        if self.info.type == types.PROG_ARRAY and self.plan.values and not self.pinned:
            self._be_kept()

    def _be_kept(self) -> None:
        from .._objects import map_users

        if not map_users.kept_by_others(self.info.id):
            raise Unfit(_UNKEPT)

    def _plan(self, with_all: bool) -> None:
        self.present = self.all_entries() if with_all else self.some_entries(self.wanted.values)
        self.terms.room = self.info.max_entries if with_all and self.info.type in BOUNDED else 0
        try:
            self.plan = plan(self.present, self.wanted, self.terms)
        except Unfit as error:
            if error.key is None:
                raise
            raise Unfit(f"key {self.shown([error.key])[0]!r} {error}") from None

    def states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the entries that change, as they are and as they shall be, for a diff: at most `SHOWN` of them."""
        changed = [*self.plan.values, *self.plan.deletes]
        shown = set(changed[:SHOWN])
        before = [(key, self.present[key]) for key in changed[:SHOWN] if key in self.present]
        after = [(key, value) for key, value in self.plan.values.items() if key in shown]
        more = {"more": len(changed) - SHOWN} if len(changed) > SHOWN else {}
        return dict({"entries": self._records(before)}, **more), dict({"entries": self._records(after)}, **more)

    def _records(self, pairs: list[tuple[bytes, bytes]]) -> list[dict[str, Any]]:
        keys = b"".join([self.bytes_of(key) for key, _value in pairs])
        return self.reading.entries.records(Chunk(keys, b"".join([value for _key, value in pairs]), len(pairs)))

    def shown(self, keys: list[bytes]) -> list[Any]:
        """Return keys in the form of the task, at most `SHOWN` of them."""
        joined = b"".join([self.bytes_of(key) for key in keys[:SHOWN]])
        return list(self.reading.entries.key.many(joined)[0]) if keys else []
