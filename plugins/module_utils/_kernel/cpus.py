# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from . import procfs

_POSSIBLE = "/sys/devices/system/cpu/possible"


def parse(text: bytes) -> list[int]:
    """Return the numbers in a CPU list like ``0,2-5``."""
    numbers: list[int] = []
    for part in text.split(b","):
        first, _dash, last = part.strip().partition(b"-")
        if first:
            numbers += range(int(first), int(last or first) + 1)
    return numbers


def possible() -> list[int]:
    """Return the CPUs that this machine may ever have, in ascending order; raises `KernelError`.

    Per-CPU values have a slot for each of them, online or not: the i-th slot is that of the i-th possible CPU.
    """
    return parse(procfs.read(_POSSIBLE))
