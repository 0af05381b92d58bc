# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What may be written into which type of map, and why the kernel or we refuse the rest, in a sentence."""

from __future__ import annotations

from .._uapi import map_types as types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LRU = (types.LRU_HASH, types.LRU_PERCPU_HASH)
# There are always as many entries as the map has room for.
ARRAYS = (types.ARRAY, types.PERCPU_ARRAY)
# The kernel refuses another entry when so many are there.
BOUNDED = (
    types.HASH, types.PERCPU_HASH, types.LPM_TRIE, types.HASH_OF_MAPS, types.DEVMAP_HASH, types.RHASH,
)  # fmt: skip
# The kernel itself tells there whether an entry is new; elsewhere it takes no flag, or every entry is there already.
FLAGGED = (*BOUNDED, *LRU)
_SOCKETS = "its entries are sockets, which only a program or the process that has them can put in"
_RING = "a ring buffer has no entries: who writes into it maps it into memory"
_KEPT = "its entries belong to other objects, and programs make them as they need them"
_REASONS = {
    types.PERF_EVENT_ARRAY: "its entries are perf events, which go when the process that opened them ends",
    types.CGROUP_ARRAY: "its entries are control groups, and the kernel does not tell which: no run could know that "
    "nothing is to be done",
    types.SOCKMAP: _SOCKETS,
    types.SOCKHASH: _SOCKETS,
    types.XSKMAP: "its entries are AF_XDP sockets, which only the process that has them can put in",
    types.REUSEPORT_SOCKARRAY: _SOCKETS,
    types.SK_STORAGE: "its entries belong to sockets of other processes, and programs make them as they need them",
    types.TASK_STORAGE: _KEPT,
    types.INODE_STORAGE: _KEPT,
    types.CGRP_STORAGE: _KEPT,
    types.CGROUP_STORAGE: _KEPT,
    types.PERCPU_CGROUP_STORAGE: _KEPT,
    types.STACK_TRACE: "its stacks are written by the kernel alone",
    types.STRUCT_OPS: "a write would register it with the kernel: that is attaching, not data",
    types.RINGBUF: _RING,
    types.USER_RINGBUF: _RING,
    types.ARENA: "an arena is memory without entries, which only those write who map it",
    types.BLOOM_FILTER: "a bloom filter does not know what is in it and forgets nothing",
    types.INSN_ARRAY: "its entries are places in a program, which loading fills in",
}
_FULL = "it is full: it has room for {} entries. Delete some, or make it anew with a larger max_entries"
_ERRORS = {
    "E2BIG": _FULL,
    "ENOSPC": _FULL,
    "EEXIST": "somebody else has added the entry meanwhile, and flags=noexist only adds entries",
    "ENOMEM": "the kernel has no memory for another entry",
}


def why_unwritable(map_type: int) -> str:
    """Return why entries of a type of map are not written by a task, "" where they are."""
    return _REASONS.get(map_type, "")


def why_refused(info: Any, name: str) -> str:
    """Return why the kernel refused an entry with the errno of a name, "" where that says it all."""
    if name in _ERRORS:
        return _ERRORS[name].format(info.max_entries)
    if name == "EINVAL" and info.type == types.PROG_ARRAY:
        return "the program does not fit: all of them have the type of the first one, and are compiled like it"
    if name == "EINVAL" and info.type in (types.ARRAY_OF_MAPS, types.HASH_OF_MAPS):
        return (
            "the map does not fit: type, sizes and flags are those of the map that this one was made with, and for "
            "arrays max_entries too"
        )
    if name == "EINVAL" and info.type in (types.DEVMAP, types.DEVMAP_HASH):
        return "there is no such device in the network namespace of the task, or the program is none for a devmap"
    return ""
