# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import memlock, sysctl, sysctl_files
from .._view import memlock as memlock_view
from .._view import sysctl as sysctl_view
from .._view.record import hide


def read_sysctls() -> list[dict]:
    """Return the records of the eight BPF sysctls, sorted by name; a record says itself what could not be read."""
    return sysctl_view.records(sysctl.read(), sysctl_files.read(sysctl.NAMES), sysctl.is_systemd())


def read_memlock(owners) -> dict:
    """Return whether this kernel charges BPF to RLIMIT_MEMLOCK, and the limit of every process that holds BPF objects.

    ``owners`` is the answer of a scan, None where there is none; then ``limits`` is None.
    """
    if owners is None:
        record = memlock_view.record(memlock.charge(), ())
        return hide(record, {"limits": "the processes of this host cannot be listed"})
    return memlock_view.record(memlock.charge(), memlock.limits(sorted(owners.comm)))
