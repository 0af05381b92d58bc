# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Values of RLIMIT_MEMLOCK: bytes, or `UNLIMITED`. A pair is (soft, hard); None in it is not known, or not set."""

from __future__ import annotations

import re

from .._kernel.rlimit import UNLIMITED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

    Pair = Tuple[Optional[int], Optional[int]]

_WORDS = ("unlimited", "infinity")
# KB is left out on purpose: it is 1000 to some and 1024 to others.
_NUMBER = re.compile(r"([0-9]+) ?(?:([KMGT])(?:iB?)?)?", re.IGNORECASE)
_POWERS = {None: 0, "K": 1, "M": 2, "G": 3, "T": 4}
# The kernel takes the last value of its 64 bits for unlimited; Python's resource module ends at 63.
_MAX = (1 << 63) - 1


class Unfit(Exception):
    """A limit that cannot be set; the text is the cause and the way out."""


def parse(text: str) -> int:
    """Return the value of an option: bytes, ``64M`` or ``64MiB`` (base 1024), or one of the words; raises `Unfit`."""
    plain = text.strip()
    if plain.lower() in _WORDS:
        return UNLIMITED
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise Unfit(f"{text!r} is no limit: give bytes, a number with K, M, G or T (base 1024), or unlimited")
    unit = match.group(2)
    value = int(match.group(1)) << 10 * _POWERS[unit and unit.upper()]
    if value > _MAX:
        raise Unfit(f"{text!r} is more than the kernel can count: give unlimited")
    return value


def word(value: int | None) -> int | str | None:
    """Return a value as users see it: bytes, the word ``unlimited``, or None."""
    return "unlimited" if value == UNLIMITED else value


def exceeds(value: int, other: int) -> bool:
    """Return whether a limit allows more than another one."""
    return other != UNLIMITED and (value == UNLIMITED or value > other)


def plan(current: Pair, wanted: Pair, at_least: bool) -> Pair:
    """Return what a pair shall become: only what ``wanted`` has changes, with ``at_least`` only upwards.

    Raises `Unfit` where the kernel would refuse the result.
    """
    soft, hard = (_planned(now, want, at_least) for now, want in zip(current, wanted))
    if soft is not None and hard is not None and exceeds(soft, hard):
        raise Unfit(_disorder(soft, hard, wanted))
    return soft, hard


def _planned(now: int | None, want: int | None, at_least: bool) -> int | None:
    keeps = at_least and now is not None and want is not None and not exceeds(want, now)
    return now if want is None or keeps else want


def _disorder(soft: int, hard: int, wanted: Pair) -> str:
    if wanted[1] is None:
        return f"soft {word(soft)} is above the hard limit, which is {word(hard)}: give hard as well"
    if wanted[0] is None:
        return f"hard {word(hard)} is below the soft limit, which is {word(soft)}: give soft as well"
    return f"soft {word(soft)} is above hard {word(hard)}, which the kernel refuses: give a lower soft or a higher hard"
