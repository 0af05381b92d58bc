# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Perf event numbers: against the C header where it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import perf_events

HEADER = Path("/usr/include/linux/perf_event.h")
# our table -> (prefix in the header, our word -> the header's where it is not the same in capitals)
TABLES = {
    "TYPE_NAMES": ("PERF_TYPE_", {}),
    "HARDWARE_NAMES": ("PERF_COUNT_HW_", {"ref-cycles": "REF_CPU_CYCLES"}),
    "SOFTWARE_NAMES": (
        "PERF_COUNT_SW_",
        {"minor-faults": "PAGE_FAULTS_MIN", "major-faults": "PAGE_FAULTS_MAJ"},
    ),
    "HW_CACHE_NAMES": (
        "PERF_COUNT_HW_CACHE_",
        {"L1-dcache": "L1D", "L1-icache": "L1I", "LLC": "LL", "branch": "BPU"},
    ),
    "HW_CACHE_OP_NAMES": ("PERF_COUNT_HW_CACHE_OP_", {"load": "READ", "store": "WRITE"}),
    "HW_CACHE_RESULT_NAMES": ("PERF_COUNT_HW_CACHE_RESULT_", {"refs": "ACCESS", "misses": "MISS"}),
}


@pytest.mark.skipif(not HEADER.exists(), reason=f"no {HEADER}")
@pytest.mark.parametrize("table", TABLES)
def test_numbers_agree_with_the_header(table):
    prefix, other = TABLES[table]
    text = HEADER.read_text("utf-8")
    for number, name in enumerate(getattr(perf_events, table)):
        enumerator = prefix + other.get(name, name.upper().replace("-", "_"))
        match = re.search(rf"\b{enumerator}\s*=\s*(\d+)", text)
        assert match, enumerator
        assert number == int(match.group(1)), enumerator


@pytest.mark.parametrize("table", TABLES)
def test_no_name_stands_twice(table):
    names = getattr(perf_events, table)
    assert len(set(names)) == len(names)


def test_config_names_are_keyed_by_type():
    assert set(perf_events.CONFIG_NAMES) == {0, 1}
    assert perf_events.CONFIG_NAMES[perf_events.TYPE_HARDWARE][0] == "cpu-cycles"
    assert perf_events.CONFIG_NAMES[perf_events.TYPE_SOFTWARE][0] == "cpu-clock"
    assert perf_events.TYPE_NAMES[perf_events.TYPE_HW_CACHE] == "hw-cache"
