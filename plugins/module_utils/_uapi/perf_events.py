# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection: no stability promise to other users.
"""Names of perf events as bpftool prints them for links of kind "event"; a number without a name is printed as is.

The config of a hw-cache event holds three indices: cache in bits 0-7, operation in 8-15, result from 16 on; bpftool
prints them as ``L1-dcache-load-misses``, an unknown index as its number. The configs of tracepoint, raw and breakpoint
events have no names. Source: include/uapi/linux/perf_event.h.
"""

from __future__ import annotations

TYPE_HARDWARE = 0
TYPE_SOFTWARE = 1
TYPE_TRACEPOINT = 2
TYPE_HW_CACHE = 3
TYPE_RAW = 4
TYPE_BREAKPOINT = 5

TYPE_NAMES = (
    "hardware",  # 0
    "software",  # 1
    "tracepoint",  # 2
    "hw-cache",  # 3
    "raw",  # 4
    "breakpoint",  # 5
)

HARDWARE_NAMES = (
    "cpu-cycles",  # 0
    "instructions",  # 1
    "cache-references",  # 2
    "cache-misses",  # 3
    "branch-instructions",  # 4
    "branch-misses",  # 5
    "bus-cycles",  # 6
    "stalled-cycles-frontend",  # 7
    "stalled-cycles-backend",  # 8
    "ref-cycles",  # 9
)

SOFTWARE_NAMES = (
    "cpu-clock",  # 0
    "task-clock",  # 1
    "page-faults",  # 2
    "context-switches",  # 3
    "cpu-migrations",  # 4
    "minor-faults",  # 5
    "major-faults",  # 6
    "alignment-faults",  # 7
    "emulation-faults",  # 8
    "dummy",  # 9
    "bpf-output",  # 10
    "cgroup-switches",  # 11 (5.13)
)

# type -> names of its configs, for the types whose config is one index
CONFIG_NAMES = {
    TYPE_HARDWARE: HARDWARE_NAMES,
    TYPE_SOFTWARE: SOFTWARE_NAMES,
}

HW_CACHE_NAMES = ("L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node")
HW_CACHE_OP_NAMES = ("load", "store", "prefetch")
HW_CACHE_RESULT_NAMES = ("refs", "misses")
