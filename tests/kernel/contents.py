# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maps with something in them, and what bpftool says of it."""

from __future__ import annotations

import json
import random
import struct
import subprocess

import objects

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import cpus, syscall
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import commands, map_flags, map_types, prog_types

#: Types that bpftool and we can read, and that a test can put something into without another object.
PLAIN = {
    "hash": objects.Map(map_types.HASH, key=12, value=20, entries=300),
    "hash without room to spare": objects.Map(map_types.HASH, key=1, value=1, entries=256),
    "hash of large values": objects.Map(map_types.HASH, value=40000, entries=20, flags=map_flags.F_NO_PREALLOC),
    "lru_hash": objects.Map(map_types.LRU_HASH, value=8, entries=2000),
    "array": objects.Map(map_types.ARRAY, value=7, entries=100),
    "mmapable array": objects.Map(map_types.ARRAY, value=8, entries=10, flags=map_flags.F_MMAPABLE),
    "percpu_hash": objects.Map(map_types.PERCPU_HASH, key=5, value=6, entries=200),
    "lru_percpu_hash": objects.Map(map_types.LRU_PERCPU_HASH, value=8, entries=2000),
    "percpu_array": objects.Map(map_types.PERCPU_ARRAY, value=12, entries=50),
    "lpm_trie": objects.Map(map_types.LPM_TRIE, key=8, value=3, entries=200, flags=map_flags.F_NO_PREALLOC),
    "lpm_trie of IPv6": objects.Map(map_types.LPM_TRIE, key=20, entries=200, flags=map_flags.F_NO_PREALLOC),
    "devmap_hash": objects.Map(map_types.DEVMAP_HASH, entries=8),
    "devmap": objects.Map(map_types.DEVMAP, value=8, entries=8),
    "cpumap": objects.Map(map_types.CPUMAP, value=8, entries=4),
}
_INDEXED = ("array", "mmapable array", "percpu_array", "devmap", "cpumap")


def filled(name: str, fd, seed: int = 1) -> None:
    """Put entries into a new map of `PLAIN`."""
    shape, dice = PLAIN[name], random.Random(seed)
    for number in range(min(shape.entries, 4 if "map" in name else 150)):
        key = struct.pack("=I", number)[: shape.key].ljust(shape.key, b"\x05")
        if shape.type == map_types.LPM_TRIE:
            bits = dice.randrange(8 * (shape.key - 4) + 1)
            key = struct.pack("=I", bits) + dice.randbytes(shape.key - 4)
        if shape.type in (map_types.DEVMAP, map_types.DEVMAP_HASH):
            value = struct.pack("=Ii", 1, 0)[: shape.value]  # the loopback device, and no program
        elif shape.type == map_types.CPUMAP:
            if number:
                continue
            value = struct.pack("=Ii", 192, 0)[: shape.value]
        else:
            value = dice.randbytes(_copied(shape))
        objects.update(fd, key, value)


def _copied(shape: objects.Map) -> int:
    per_cpu = (map_types.PERCPU_HASH, map_types.LRU_PERCPU_HASH, map_types.PERCPU_ARRAY)
    return -(-shape.value // 8) * 8 * len(cpus.possible()) if shape.type in per_cpu else shape.value


def fill_many(fd, count: int, key_size: int, value_size: int, first: int = 0) -> None:
    """Put many entries into a hash in batches: key and value begin with the number of the entry."""
    for start in range(first, first + count, 4096):
        numbers = range(start, min(start + 4096, first + count))
        keys = objects.buffer(b"".join(struct.pack("=I", number).ljust(key_size, b"\0") for number in numbers))
        values = objects.buffer(b"".join(struct.pack("=I", number).ljust(value_size, b"\0") for number in numbers))
        pointers = (16, "Q", syscall.address(keys)), (24, "Q", syscall.address(values))
        fields = (*pointers, (32, "I", len(numbers)), (36, "I", fd.number))
        objects.call(commands.BPF_MAP_UPDATE_BATCH, 56, *fields, keep=(keys, values))


def delete(fd, key: bytes) -> None:
    """Take one entry out of a map."""
    held = objects.buffer(key)
    objects.call(commands.BPF_MAP_DELETE_ELEM, 16, (0, "I", fd.number), (8, "Q", syscall.address(held)), keep=(held,))


def push(fd, value: bytes) -> None:
    """Put a value into a queue, stack or bloom filter."""
    held = objects.buffer(value)
    fields = (0, "I", fd.number), (16, "Q", syscall.address(held))
    objects.call(commands.BPF_MAP_UPDATE_ELEM, 32, *fields, keep=(held,))


def program():
    """Return a loaded program that a prog_array takes."""
    return objects.Program(prog_types.XDP, insns=objects.returns(2)).load()


# ---- bpftool


def dumped(number: int) -> list[dict]:
    """Return what ``bpftool -j map dump`` prints."""
    command = [objects.BPFTOOL, "-j", "map", "dump", "id", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def raw(data: list[str]) -> str:
    """Return bpftool's list of bytes as we write hex."""
    return " ".join(byte[2:] for byte in data)


def plain(entries: list[dict]) -> list[dict]:
    """Return bpftool's entries in our form: bytes as hex, and entries that it could not look up left out."""
    found = []
    for entry in entries:
        key = raw(entry["key"])
        if "values" in entry:
            values = [{"cpu": slot["cpu"], "value": raw(slot["value"])} for slot in entry["values"]]
            found.append({"key": key, "per_cpu": values})
        elif isinstance(entry.get("value"), list):
            found.append({"key": key, "value": raw(entry["value"])})
        elif "inner_map_id" in entry or "prog_id" in entry:
            found.append({"key": key, "value": raw(entry.get("inner_map_id") or entry["prog_id"])})
    return found
