# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import struct
from collections import namedtuple

from .._kernel import errors, procfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import Iterable

BTF_PATH = "/sys/kernel/btf/vmlinux"

# Does the kernel charge BPF to RLIMIT_MEMLOCK? ``charged`` is True, False or None (cannot be told), ``evidence`` why.
Charge = namedtuple("Charge", "charged evidence")

# The functions that did the charging until memory cgroups took over. All are global, so a kernel that has them cannot
# keep them out of its symbol table: __bpf_prog_charge all along, precharge until 5.2, init and its struct from 5.3, all
# gone with the change to memory cgroups (5.11, and its backports).
_CHARGING = ("__bpf_prog_charge", "bpf_map_charge_init", "bpf_map_precharge_memlock", "bpf_map_charge_memlock")
_CHARGING_TYPE = "bpf_map_memory"
# Each name costs a walk over megabytes; the struct alone covers every kernel that brings BTF along and charges, the
# function is for builds whose BTF has functions.
_CHARGING_IN_BTF = (_CHARGING_TYPE, _CHARGING[0])
# What came with the change or together with it: allocation on the map's cgroup, and the helper that libbpf probes for.
_CGROUP = ("bpf_map_kmalloc_node", "bpf_map_get_memcg", "BPF_FUNC_ktime_get_coarse_ns")
# A function of the BPF core in every kernel this runs on: with it the symbol table shows that it covers BPF at all.
_CORE = "bpf_map_area_alloc"


def read() -> Charge:
    """Return whether this kernel charges BPF to RLIMIT_MEMLOCK, told by its types or else by its symbols."""
    # The types cost some milliseconds to search, the symbol table 50.
    try:
        found = judge_btf(procfs.load(BTF_PATH))
        doubt = "the kernel's BTF does not tell"
    except OSError as error:
        found, doubt = None, f"the kernel's BTF cannot be read ({errors.reason(error)})"
    if found is not None:
        return found
    from .._kernel import kallsyms  # most kernels have told by now

    try:
        found = judge_symbols(kallsyms.find_names(_CHARGING + (_CORE,)))
    except OSError as error:
        return Charge(None, f"{doubt}, and kallsyms cannot be read ({errors.reason(error)})")
    return found or Charge(None, f"{doubt}, and kallsyms shows no function of BPF")


def judge_btf(btf: bytes | mmap) -> Charge | None:
    """Return the answer out of the names in the kernel's BTF, None where they don't tell."""
    start = _strings_at(btf)
    charging = next((name for name in _CHARGING_IN_BTF if _has_string(btf, name, start)), None)
    if charging:
        return Charge(True, f"the kernel's BTF has {charging}")
    cgroup = next((name for name in _CGROUP if _has_string(btf, name, start)), None)
    if cgroup:
        return Charge(False, f"the kernel's BTF has {cgroup} and not {_CHARGING_TYPE}")
    return None


def judge_symbols(found: Iterable[str]) -> Charge | None:
    """Return the answer out of the symbols found of those that `read` looks for, None where they don't tell."""
    found = set(found)
    charging = [name for name in _CHARGING if name in found]
    if charging:
        return Charge(True, f"kallsyms has {charging[0]}")
    if _CORE in found:
        return Charge(False, f"kallsyms has {_CORE} and not {_CHARGING[0]}")
    return None


def _strings_at(btf: bytes | mmap) -> int:
    """Return where the names begin in a BTF blob; 0 for one too short for a header."""
    # struct btf_header: magic u16, version u8, flags u8, then hdr_len, type_off, type_len, str_off as u32. In front of
    # the names lie megabytes of types full of zeros, over which a search for NUL terminated text stumbles.
    if len(btf) < 20:
        return 0
    length, _type_off, _type_len, offset = struct.unpack_from("=4I", btf, 4)
    return int(length + offset)


def _has_string(btf: bytes | mmap, name: str, start: int) -> bool:
    # BTF keeps its names as NUL terminated strings side by side.
    return btf.find(b"\0" + name.encode() + b"\0", start) >= 0
