# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signals that end the tool: each block is left in order, and the clearing away is not disturbed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

from .places import say

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore() -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def leave(number: int, _frame: object) -> None:
    ignore()
    say(f"{signal.Signals(number).name}: stopping")
    raise SystemExit(128 + number)


def catch() -> None:
    """From now on a signal is an exception; a second one changes nothing."""
    for number in ENDING:
        signal.signal(number, leave)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """A signal that comes inside is obeyed at the end: nothing is started that nobody knows of yet."""
    came: list[int] = []
    for number in ENDING:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        catch()
    if came:
        leave(came[0], None)
