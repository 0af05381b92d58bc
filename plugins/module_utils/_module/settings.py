# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._objects import charge, sysctl, sysctl_files
from .._view import sysctl as sysctl_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection


def read_sysctls() -> list[dict]:
    """Return the records of the eight BPF sysctls, sorted by name; a record says itself what could not be read."""
    return sysctl_view.records(sysctl.read(), sysctl_files.read(sysctl.NAMES), sysctl.is_systemd())


def read_memlock(pids: Collection[int] | None) -> dict:
    """Return whether this kernel charges BPF to RLIMIT_MEMLOCK, why that is so, and the limits of processes.

    ``pids`` are those that hold BPF objects, None where they are not known; then ``limits`` is None.
    """
    charged, evidence = charge.read()
    record: dict = {"charged": charged, "evidence": evidence, "limits": []}
    if pids is None:
        record["limits"] = None
        record["unavailable"] = {"limits": "the processes of this host cannot be listed"}
    elif pids:
        from .._objects import memlock
        from .._view import memlock as view

        record["limits"] = [view.limit_record(limit) for limit in memlock.limits(pids)]
    return record
