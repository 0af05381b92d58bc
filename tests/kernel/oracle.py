# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other opinion: what bpftool, and a walk over /proc that shares no code with the collection, say of this host."""

from __future__ import annotations

import errno
import glob
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import objects

from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import link_types, map_types, prog_types

_TYPES = {"prog": prog_types.NAMES, "map": map_types.NAMES, "link": link_types.NAMES}


def shown(noun: str) -> dict[int, dict]:
    """Return what ``bpftool -f -j NOUN show`` prints, by id."""
    done = subprocess.run(
        [objects.BPFTOOL, "-f", "-j", noun, "show"], capture_output=True, text=True, timeout=60, check=True
    )
    return {entry["id"]: entry for entry in json.loads(done.stdout)}


def shown_alone(noun: str, number: int) -> dict:
    """Return what ``bpftool -j NOUN show id N`` prints."""
    command = [objects.BPFTOOL, "-j", noun, "show", "id", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Difference:
    """A key in which a record differs from bpftool's; ``agree(printed value, record)``: does it still tell the same?"""

    reason: str
    agree: Callable[[object, dict], bool]


def _same_type(noun: str) -> Callable[[object, dict], bool]:
    def agree(value: object, record: dict) -> bool:
        names = _TYPES[noun]
        return record["type"] == (value if isinstance(value, str) else names[value])

    return agree


#: (noun, key) -> the difference. Every key that is not here has to be equal, value and type.
DIFFERENCES = {
    ("prog", "name"): Difference(
        "bpftool puts the whole name out of BTF in the place of the kernel's 15 characters; in a record that is "
        "full_name, which is null where no BTF tells whether a name of 15 characters is whole",
        lambda value, record: value == (record["full_name"] or record["name"]) and value.startswith(record["name"]),
    ),
    ("prog", "loaded_at"): Difference(
        "both add the time of boot, rounded on their own, to a time since boot: one second may lie between them",
        lambda value, record: abs(value - record["loaded_at"]) <= 1,
    ),
    ("map", "frozen"): Difference(
        "a yes or no is a boolean in a record; bpftool prints 0 or 1",
        lambda value, record: record["frozen"] is bool(value),
    ),
    ("btf", "prog_ids"): Difference(
        "a record lists ids in ascending order; bpftool in the order of its hash table",
        lambda value, record: sorted(value) == record["prog_ids"],
    ),
    ("btf", "map_ids"): Difference(
        "a record lists ids in ascending order; bpftool in the order of its hash table",
        lambda value, record: sorted(value) == record["map_ids"],
    ),
    ("btf", "val"): Difference(
        "in dumps bpftool prints an unsigned constant of 32 bits as if it had a sign and 64 bits",
        lambda value, record: value == record["val"] | (0xFFFFFFFF << 32 if record["val"] >> 31 == 1 else 0),
    ),
    ("prog", "pinned"): Difference(
        "a record lists paths sorted; bpftool in the order in which it met them",
        lambda value, record: sorted(value) == record["pinned"],
    ),
    ("map", "pinned"): Difference(
        "a record lists paths sorted; bpftool in the order in which it met them",
        lambda value, record: sorted(value) == record["pinned"],
    ),
    ("link", "pinned"): Difference(
        "a record lists paths sorted; bpftool in the order in which it met them",
        lambda value, record: sorted(value) == record["pinned"],
    ),
}

#: What the distribution's bpftool cannot say, with the reason; the same form, so that it is compared where it can be.
BPFTOOL_LIMITS = {
    ("prog", "type"): Difference(
        "bpftool prints a type that is younger than itself as a number (7.1: netfilter)", _same_type("prog")
    ),
    ("map", "type"): Difference(
        "bpftool prints a type that is younger than itself as a number (7.1: arena)", _same_type("map")
    ),
    ("link", "type"): Difference(
        "bpftool prints a type that is younger than itself as a number (7.1: netfilter, tcx)", _same_type("link")
    ),
    ("map", "btf_id"): Difference(
        "Linux 6.18 leaves what it has nothing to say about as it found it, and bpftool 7.1 hands it the answer of the "
        "map before: a map without BTF gets another one's id in the list, and none when it is shown alone",
        lambda value, record: (
            _equal(record["btf_id"], value)
            or (record["btf_id"] is None and "btf_id" not in shown_alone("map", record["id"]))
        ),
    ),
    ("prog", "pids"): Difference(
        "needs a bpftool built with its own BPF programs; `holders` is the oracle", lambda value, record: True
    ),
    ("map", "pids"): Difference(
        "needs a bpftool built with its own BPF programs; `holders` is the oracle", lambda value, record: True
    ),
    ("link", "pids"): Difference(
        "needs a bpftool built with its own BPF programs; `holders` is the oracle", lambda value, record: True
    ),
    ("btf", "pids"): Difference(
        "needs a bpftool built with its own BPF programs; `holders` is the oracle", lambda value, record: True
    ),
}

#: What a record holds where bpftool leaves the key out: it prints neither nothing nor zero.
LEFT_OUT = {
    "prog": {
        "name": "", "run_time_ns": 0, "run_cnt": 0, "recursion_misses": 0, "map_ids": [], "btf_id": None, "dev": None,
        "pinned": [], "orphaned": False, "metadata": {},
    },
    "map": {"name": "", "owner_prog_type": None, "owner_jited": None, "btf_id": None, "dev": None, "pinned": []},
    "btf": {"name": ""},
    "link": {"pinned": []},
}  # fmt: skip


def disagreements(noun: str, printed: dict, record: dict) -> list[str]:
    """Return one line for every key in which a record does not tell what bpftool printed of the same object."""
    found = []
    for key, value in printed.items():
        known = DIFFERENCES.get((noun, key)) or BPFTOOL_LIMITS.get((noun, key))
        if key not in record:
            if (noun, key) not in BPFTOOL_LIMITS:
                found.append(f"{key}: bpftool has {value!r}, the record has no such key")
        elif not (known.agree(value, record) if known else _equal(value, record[key])):
            found.append(f"{key}: bpftool has {value!r}, the record {record[key]!r}")
    for key, nothing in LEFT_OUT[noun].items():
        if key not in printed and key in record and not _equal(record[key], nothing):
            found.append(f"{key}: bpftool leaves it out, the record has {record[key]!r}")
    return ["{} {} ({}): {}".format(noun, printed["id"], printed.get("name", ""), line) for line in found]


def _equal(one: object, other: object) -> bool:
    """Compare values and, unlike ``==``, keep 1 and True apart."""
    return type(one) is type(other) and one == other


# What stands in the fdinfo of a descriptor. Links come first: theirs also name the program, and some a map.
_KEYS = (("link", "link_id"), ("map", "map_id"), ("prog", "prog_id"), ("btf", "btf_id"))


def holders() -> dict[tuple[str, int], dict[int, str]]:
    """Return (kind, id) -> {pid: comm} of every process that holds the object, from fdinfo texts alone."""
    found: dict[tuple[str, int], dict[int, str]] = {}
    for path in glob.iglob("/proc/[0-9]*/fdinfo/*"):
        pid = path.split("/")[2]
        try:
            with open(path, encoding="utf-8", errors="backslashreplace") as text:
                pairs = dict(line.split(":\t", 1) for line in text.read().splitlines() if ":\t" in line)
            kind = next((noun, int(pairs[key])) for noun, key in _KEYS if key in pairs)
            with open(f"/proc/{pid}/comm", encoding="utf-8", errors="backslashreplace") as text:
                found.setdefault(kind, {})[int(pid)] = text.read()[:-1]
        except (OSError, StopIteration):
            continue
    return found


def why_holders_are_incomplete() -> str:
    """Return how the reason begins why this process, root or not, may not look into the descriptors of all others."""
    if os.readlink("/proc/self/ns/pid") != "pid:[4026531836]":
        return "processes of other PID namespaces"
    for path in glob.iglob("/proc/[0-9]*/fd/*"):
        try:
            os.readlink(path)
        except PermissionError as error:
            return errno.errorcode[error.errno]
        except OSError:
            continue
    return ""
