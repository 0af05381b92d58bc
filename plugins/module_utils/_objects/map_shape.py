# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""How many bytes the kernel copies for an entry of a map."""

from __future__ import annotations

from collections import namedtuple

from .._kernel import cpus
from .._uapi import map_types as types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

PER_CPU = (types.PERCPU_HASH, types.LRU_PERCPU_HASH, types.PERCPU_ARRAY, types.PERCPU_CGROUP_STORAGE)
# Keys are numbers from 0 on, and every one of them is there, with a value or with none.
INDEXED = (
    types.ARRAY, types.PERCPU_ARRAY, types.PROG_ARRAY, types.PERF_EVENT_ARRAY, types.CGROUP_ARRAY, types.ARRAY_OF_MAPS,
    types.DEVMAP, types.CPUMAP, types.XSKMAP, types.SOCKMAP, types.REUSEPORT_SOCKARRAY, types.INSN_ARRAY,
)  # fmt: skip
# The cursor of a batch is the number of a bucket here. In other types that have batches it is a key.
BUCKETS = (types.HASH, types.LRU_HASH, types.PERCPU_HASH, types.LRU_PERCPU_HASH, types.HASH_OF_MAPS)

# key: bytes of a key. each: bytes from one CPU's value to the next. cpus: their numbers, empty where a value is not per
# CPU. stride: bytes of all that is copied for one value.
Shape = namedtuple("Shape", "key value each cpus stride")


def shape(info: Any, possible: Sequence[int] | None = None) -> Shape:
    """Return the shape of the entries of a map, by its bpf_map_info; raises `KernelError` where CPUs are not told.

    A buffer that is too short is memory overwritten: what decides is the kernel's rule, not the size of a value.
    """
    if info.type not in PER_CPU:
        return Shape(info.key_size, info.value_size, info.value_size, (), info.value_size)
    each = (info.value_size + 7) & ~7
    numbers = tuple(cpus.possible() if possible is None else possible)
    return Shape(info.key_size, info.value_size, each, numbers, each * len(numbers))
