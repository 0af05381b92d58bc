# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Why there is nothing to read in a map, in a sentence."""

from __future__ import annotations

from .._uapi import map_types as types

STORAGES = {
    types.TASK_STORAGE: "{pid: ...}",
    types.INODE_STORAGE: "{path: ...}",
    types.CGRP_STORAGE: "{cgroup: ...}",
    types.SK_STORAGE: "{pid: ...} or {pid: ..., fd: ...}",
}
_RING = "a ring buffer has no entries, and what is in it is gone once it is read: only its reader maps it into memory"
_SOCKETS = "it holds sockets and tells their cookies only if it was made with values of 8 bytes"
_REASONS = {
    types.PERF_EVENT_ARRAY: "its entries are perf events of other processes, which the kernel does not hand out",
    types.CGROUP_ARRAY: "its entries are control groups, and the kernel does not tell which",
    types.XSKMAP: "its entries are AF_XDP sockets, which the kernel does not hand out",
    types.SOCKMAP: _SOCKETS,
    types.SOCKHASH: _SOCKETS,
    types.REUSEPORT_SOCKARRAY: _SOCKETS,
    types.RINGBUF: _RING,
    types.USER_RINGBUF: _RING,
    types.ARENA: "an arena is memory without entries, which only those see who map it",
    types.BLOOM_FILTER: "a bloom filter does not know what is in it: ask with value whether one value may be",
}


def why_unreadable(map_type: int) -> str:
    """Return why the kernel refuses to tell the entries of a type of map, "" where no reason is known."""
    if map_type in STORAGES:
        return f"its entries belong to other objects and cannot be listed: look one up with key {STORAGES[map_type]}"
    return _REASONS.get(map_type, "")
