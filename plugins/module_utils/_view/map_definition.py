# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What a map is declared to be, and what it is: plain dicts of what is given, that are compared key by key.

``type key_size value_size max_entries flags map_extra name key_type value_type inner_map``: flags are names in the
order of their bits, types are outlines (see `_btf/outline`), ``inner_map`` is such a dict again.
"""

from __future__ import annotations

import re

from .._uapi import map_flags
from .._uapi import map_types as types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Definition = dict[str, Any]

# struct_ops maps need types of the kernel and are the business of loaders.
TYPES = tuple(name for name in types.NAMES if name not in ("unspec", "struct_ops"))
# Flags that a map has for life. The others are about a descriptor, or go with another option of the call.
FLAGS = (
    "no_prealloc", "no_common_lru", "stack_build_id", "zero_seed", "rdonly_prog", "wronly_prog", "clone", "mmapable",
    "preserve_elems", "inner_map", "segv_on_fault", "no_user_conv", "rb_overwrite",
)  # fmt: skip
KEYS = (
    "type", "key_size", "value_size", "max_entries", "flags", "map_extra", "name", "key_type", "value_type",
    "inner_map",
)  # fmt: skip
_BITS = {name: bit for bit, name in map_flags.NAMES.items()}
STORAGES = ("sk_storage", "inode_storage", "task_storage", "cgrp_storage")
OUTER = ("array_of_maps", "hash_of_maps")
_RINGS = ("ringbuf", "user_ringbuf")
_QUEUES = ("queue", "stack", "bloom_filter")
# Sizes that a type leaves no choice of: of the key, and of the value (None: any).
_SIZES: dict[str, tuple[int | None, int | None]] = {
    **dict.fromkeys(("prog_array", "perf_event_array", "cgroup_array", "array_of_maps", "xskmap"), (4, 4)),
    **dict.fromkeys(("array", "percpu_array", "stack_trace", *STORAGES), (4, None)),
    **dict.fromkeys(("devmap", "cpumap", "devmap_hash", "sockmap", "reuseport_sockarray"), (4, None)),
    **dict.fromkeys(_QUEUES, (0, None)),
    **dict.fromkeys((*_RINGS, "arena"), (0, 0)),
    "hash_of_maps": (None, 4),
    "sockhash": (None, None),
}
# The kernel gives these flags to its maps by itself, and takes them from nobody.
_OF_THE_KERNEL = (("devmap", "rdonly_prog"), ("devmap_hash", "rdonly_prog"))
# Neither the kernel nor libbpf gives types to these.
_UNTYPED = (
    *OUTER, *_RINGS, "perf_event_array", "prog_array", "cgroup_array", "stack_trace", "devmap", "devmap_hash", "cpumap",
    "xskmap", "sockmap", "sockhash", "reuseport_sockarray", "queue", "stack", "arena", "insn_array",
)  # fmt: skip
_LEAST_WORDS = {"key_size": "bytes of a key", "value_size": "bytes of a value", "max_entries": "number of entries"}
_NAME = re.compile(r"[A-Za-z0-9_.]{1,15}\Z")


def complete(given: Definition, cpus: int) -> Definition:
    """Return a definition with what goes without saying where a type is given; ``cpus`` is how many are possible."""
    if "type" not in given:
        return given
    key, value = _SIZES.get(given["type"], (None, None))
    plain: Definition = {"key_size": key, "value_size": value, "flags": []}
    if given["type"] in STORAGES:
        plain["max_entries"] = 0
    if given["type"] == "perf_event_array" and not given.get("max_entries"):
        given = dict(given, max_entries=cpus)
    result = {name: number for name, number in plain.items() if number is not None}
    result.update(given)
    result["flags"] = sorted(set(result["flags"]), key=_bit)
    if result.get("inner_map"):
        result["inner_map"] = complete(result["inner_map"], cpus)
    return {name: result[name] for name in KEYS if name in result}


def refusal(wanted: Definition) -> str:
    """Return why there can be no such map, as far as that is certain without asking the kernel; "" where it is not."""
    kind = wanted["type"]
    for name, words in _LEAST_WORDS.items():
        if wanted.get(name) is None:
            return f"a new map of type {kind} needs {name}, the {words}"
    if wanted.get("name") and not _NAME.match(wanted["name"]):
        return f"{wanted['name']} is no name for a map: it takes up to 15 letters, digits, dots and underscores"
    for name, size in zip(("key_size", "value_size"), _SIZES.get(kind, (None, None))):
        if size is not None and wanted[name] != size:
            return f"{name} is {size} in every map of type {kind}, not {wanted[name]}"
    return _of_type(wanted) or _of_inner(wanted)


def _of_type(wanted: Definition) -> str:
    kind, entries, flags = wanted["type"], wanted["max_entries"], wanted["flags"]
    if kind in (*STORAGES, "lpm_trie") and "no_prealloc" not in flags:
        return f"a map of type {kind} needs the flag no_prealloc"
    if kind in STORAGES:
        if entries:
            return f"a map of type {kind} has no max_entries: leave it out"
        if not (wanted.get("key_type") and wanted.get("value_type")):
            return f"a map of type {kind} needs key_type (int) and value_type"
        return ""
    if kind in _RINGS and (entries < 1 or entries & (entries - 1)):
        return f"max_entries of a map of type {kind} is its size in bytes, a power of two and of whole pages"
    if kind == "arena" and "mmapable" not in flags:
        return "a map of type arena needs the flag mmapable"
    if entries < 1 and not kind.endswith("cgroup_storage"):
        return f"max_entries of a map of type {kind} must be 1 or more"
    return ""


def _of_inner(wanted: Definition) -> str:
    inner = wanted.get("inner_map")
    if wanted["type"] in OUTER:
        if not inner:
            return f"a map of type {wanted['type']} needs inner_map, what the maps in it are like"
        if inner["type"] in OUTER:
            return "maps of maps cannot be nested"
        why = refusal(inner)
        return f"inner_map: {why}" if why else ""
    return f"inner_map goes with {' and '.join(OUTER)}, not with {wanted['type']}" if inner else ""


def takes_types(kind: str, key: bool, value: bool) -> bool:
    """Return whether maps of a type can have BTF types of keys and values like this: two, none, or a value's alone."""
    return kind not in _UNTYPED and value and key != (kind == "bloom_filter")


def types_of(kind: str) -> str:
    """Return in words what `takes_types` goes by."""
    if kind in _UNTYPED:
        return f"maps of type {kind} take no types"
    return (
        "maps of type bloom_filter take value_type alone"
        if kind == "bloom_filter"
        else (f"maps of type {kind} take key_type and value_type together")
    )


def kept(wanted: Definition, cpus: int) -> Definition:
    """Return a definition as the kernel tells it of the map that it made: it may round the number of entries."""
    entries = wanted.get("max_entries")
    if entries and "no_common_lru" in wanted.get("flags", ()):
        # a list for each CPU, all of the same length
        return dict(wanted, max_entries=-(-entries // cpus) * cpus)
    return wanted


def found(record: Definition, key_type: str | None, value_type: str | None, inner: Definition | None) -> Definition:
    """Return the definition of a map that is there, from its record and what else is known of it."""
    return {
        "type": record["type"],
        "key_size": record["bytes_key"],
        "value_size": record["bytes_value"],
        "max_entries": record["max_entries"],
        "flags": [flag for flag in record["flag_names"] if (record["type"], flag) not in _OF_THE_KERNEL],
        "map_extra": record["map_extra"] or 0,
        "name": record["name"],
        "key_type": key_type,
        "value_type": value_type,
        "inner_map": inner,
    }


def shown(there: Definition, wanted: Definition) -> Definition:
    """Return what a map is, in the keys that are declared.

    Of maps within maps the kernel tells nothing before there is one, and then as many entries as that one has.
    """
    result = {name: there[name] for name in wanted}
    declared = wanted.get("inner_map")
    if declared is not None:
        inner = there["inner_map"]
        result["inner_map"] = dict(declared, **inner) if inner else declared
    return result


def differences(there: Definition, wanted: Definition) -> list[str]:
    """Return in words where a map is not what is declared, both sides of each."""
    told = shown(there, wanted)
    return [
        f"{name} is {_word(told[name])}, declared {_word(wanted[name])}"
        for name in wanted
        if told[name] != wanted[name]
    ]


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{name} {_word(part)}" for name, part in value.items()) + ")"
    if isinstance(value, list):
        return " ".join(value) or "none"
    return "none" if value is None else str(value)


def type_number(name: str) -> int:
    """Return the number of a type of map."""
    return types.NAMES.index(name)


def name_of(number: int) -> str:
    """Return the name of a type of map, the number as text where there is none."""
    return types.NAMES[number] if 0 < number < len(types.NAMES) else str(number)


def flag_bits(names: list[str]) -> int:
    """Return flags as a number."""
    return sum(_bit(name) for name in set(names))


def _bit(name: str) -> int:
    """Return the bit of a flag; one without a name, of an object file, is its value in hex."""
    return _BITS[name] if name in _BITS else int(name, 16)


def default_name(path: str) -> str:
    """Return the name of a map that is given none: the last part of its path, as far as it can be one."""
    return re.sub(r"[^A-Za-z0-9_]", "_", path.rpartition("/")[2])[:15]
