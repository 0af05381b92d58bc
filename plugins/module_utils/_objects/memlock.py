# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import struct
from collections import namedtuple

from .._kernel import procfs, rlimit
from .._kernel.errors import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

BTF_PATH = "/sys/kernel/btf/vmlinux"

# Does the kernel charge BPF to RLIMIT_MEMLOCK? ``charged`` is True, False or None (cannot be told), ``evidence`` why.
Charge = namedtuple("Charge", "charged evidence")

UNLIMITED = rlimit.UNLIMITED

# RLIMIT_MEMLOCK of one process; soft and hard in bytes or `UNLIMITED`, None with a reason in ``unavailable``. ``unit``
# is the systemd unit whose limits it started with, ``user`` the name of the real user, whom the kernel would charge.
Limit = namedtuple("Limit", "pid comm unit user soft hard unavailable")

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

_GONE = (errno.ENOENT, errno.ESRCH)
_UNIT_ENDINGS = (".service", ".scope", ".socket", ".mount", ".swap")


def charge() -> Charge:
    """Return whether this kernel charges BPF to RLIMIT_MEMLOCK, told by its types or else by its symbols."""
    # The types cost about 10 ms to read and search, the symbol table 50 ms.
    try:
        found = judge_btf(procfs.read(BTF_PATH))
        doubt = "the kernel's BTF does not tell"
    except OSError as error:
        found, doubt = None, f"the kernel's BTF cannot be read ({reason(error)})"
    if found is not None:
        return found
    from .._kernel import kallsyms  # most kernels have told by now

    try:
        found = judge_symbols(kallsyms.find_names(_CHARGING + (_CORE,)))
    except OSError as error:
        return Charge(None, f"{doubt}, and kallsyms cannot be read ({reason(error)})")
    return found or Charge(None, f"{doubt}, and kallsyms shows no function of BPF")


def judge_btf(btf: bytes) -> Charge | None:
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
    """Return the answer out of the symbols found of those that `charge` looks for, None where they don't tell."""
    found = set(found)
    charging = [name for name in _CHARGING if name in found]
    if charging:
        return Charge(True, f"kallsyms has {charging[0]}")
    if _CORE in found:
        return Charge(False, f"kallsyms has {_CORE} and not {_CHARGING[0]}")
    return None


def limits(pids: Iterable[int]) -> list[Limit]:
    """Return the limit of each process, sorted by pid; processes that ended meanwhile are left out."""
    found = []
    for pid in sorted(set(pids)):
        try:
            found.append(_limit(pid))
        except OSError as error:
            # Opening a file of a process that is gone says ENOENT, reading one that was open ESRCH.
            if error.errno not in _GONE:
                raise
    return found


def parse_unit(text: bytes) -> str | None:
    """Return the system's systemd unit out of a /proc/PID/cgroup text, None for a process outside of any."""
    # Where both versions of cgroups are mounted, systemd keeps to its own hierarchy of version 1.
    for controllers in (b"name=systemd", b""):
        for line in text.split(b"\n"):
            fields = line.split(b":", 2)
            if len(fields) == 3 and fields[1] == controllers:
                return _unit_of_path(fields[2].decode("utf-8", "backslashreplace"))
    return None


def _unit_of_path(path: str) -> str | None:
    # Slices only group; below the first other part are the unit's own affairs (a user's manager, a container).
    first = next((part for part in path.split("/") if part and not part.endswith(".slice")), "")
    return first if first.endswith(_UNIT_ENDINGS) else None


def _limit(pid: int) -> Limit:
    unavailable: dict[str, str] = {}

    def tell(keys: tuple[str, ...], call: Callable[[], Any]) -> Any:
        try:
            return call()
        except OSError as error:
            if error.errno in _GONE:
                raise
            unavailable.update({key: reason(error) for key in keys})
            return None

    limit = tell(("soft", "hard"), lambda: rlimit.memlock(pid))
    comm = tell(("comm",), lambda: _read(pid, "comm").rstrip(b"\n").decode("utf-8", "backslashreplace"))
    unit = tell(("unit",), lambda: parse_unit(_read(pid, "cgroup")))
    user = tell(("user",), lambda: user_name(parse_uid(_read(pid, "status"))))
    soft, hard = limit or (None, None)
    return Limit(pid, comm, unit, user, soft, hard, unavailable)


def parse_uid(text: bytes) -> int:
    """Return the real user id out of a /proc/PID/status text."""
    return int(text.partition(b"\nUid:")[2].split(None, 1)[0])


def user_name(uid: int) -> str:
    """Return the name of a user, the number as text where this host has no name for it."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _read(pid: int, name: str) -> bytes:
    return procfs.read(f"/proc/{pid}/{name}")


def _strings_at(btf: bytes) -> int:
    """Return where the names begin in a BTF blob; 0 for one too short for a header."""
    # struct btf_header: magic u16, version u8, flags u8, then hdr_len, type_off, type_len, str_off as u32. In front of
    # the names lie megabytes of types full of zeros, over which a search for NUL terminated text stumbles.
    if len(btf) < 20:
        return 0
    length, _type_off, _type_len, offset = struct.unpack_from("=4I", btf, 4)
    return int(length + offset)


def _has_string(btf: bytes, name: str, start: int) -> bool:
    # BTF keeps its names as NUL terminated strings side by side.
    return btf.find(b"\0" + name.encode() + b"\0", start) >= 0
