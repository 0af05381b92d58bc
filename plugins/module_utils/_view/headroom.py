# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""How much of a limit is left, where the kernel charges BPF to it. An estimate: the kernel counts per user, and tells
neither the count nor whom it charged for a map."""

from __future__ import annotations

from .._objects.limit_pair import word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping

    from .._objects import memlock


class Usage:
    """What the BPF objects of a host cost each user, out of the records of programs and maps.

    A program is charged to the user that loaded it. A map counts for the user of the programs that use it, or else of
    the processes that hold it (``holders``: map id -> names); where these disagree or there are none, for nobody.
    ``user_name`` names a uid. ``why`` is set where the sizes are not complete, and then no estimate is made.
    """

    def __init__(
        self,
        programs: list[dict],
        maps: list[dict],
        holders: Mapping[int, Iterable[str]],
        user_name: Callable[[int], str],
    ) -> None:
        self.by_user: dict[str, int] = {}
        self.unattributed = 0
        self.why = ""
        users: dict[int, set[str]] = {}
        for program in programs:
            user = None if program["uid"] is None else user_name(program["uid"])
            self._add("program", program, {user} if user is not None else set())
            for number in program["map_ids"] or ():
                users.setdefault(number, set()).update({user} if user is not None else ())
        for found in maps:
            self._add("map", found, users.get(found["id"]) or set(holders.get(found["id"], ())))

    def _add(self, kind: str, record: dict, users: set[str]) -> None:
        size = record["bytes_memlock"]
        if size is None:
            self.why = self.why or f"the size of {kind} {record['id']} is not known"
        elif len(users) == 1:
            (user,) = users
            self.by_user[user] = self.by_user.get(user, 0) + size
        else:
            self.unattributed += size

    def headroom(self, limit: memlock.Limit) -> dict[str, Any] | None:
        """Return what is left of a limit, in bytes or ``unlimited``; None where it or its user is not known."""
        if limit.soft is None or limit.user is None:
            return None
        charged = self.by_user.get(limit.user, 0)
        left = word(limit.soft)
        return {
            "estimate": left if isinstance(left, str) or left is None else max(left - charged, 0),
            "charged": charged,
            "unattributed": self.unattributed,
        }
