# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Links as records, with the keys and value forms of ``bpftool -j link show``.

Deliberate differences stand in docs/docsite/rst/guide_bpftool_differences.rst.
"""

from __future__ import annotations

from .._kernel import errors
from .._uapi import attach_types, link_types, perf_events, prog_types
from . import record as rec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._objects.link import Link

KEYS = (
    "id", "type", "prog_id", "attach_type", "prog_type", "target_obj_id", "target_btf_id", "cookie", "tp_name",
    "cgroup_id", "netns_ino", "ifindex", "devname", "target_name", "map_id", "order", "tid", "pid", "pf", "hook",
    "prio", "flags", "retprobe", "func_cnt", "missed", "funcs", "addr", "func", "offset", "file", "ref_ctr_offset",
    "tracepoint", "event_type", "event_config", "path", "perf_type",
)  # fmt: skip

HIDDEN = "hidden by kptr_restrict"

# UAPI field -> key, where they differ; the rest of the fields are keys as they are.
_RENAMED = {
    "hooknum": "hook",
    "priority": "prio",
    "count": "func_cnt",
    "file_name": "file",
    "func_name": "func",
    "config": "event_config",
    "btf_obj_id": "target_obj_id",
}
# arrays of the multi links -> the key in each item of funcs
_ITEMS = {
    "ids": "btf_id",
    "addrs": "addr",
    "offsets": "offset",
    "ref_ctr_offsets": "ref_ctr_offset",
    "cookies": "cookie",
}
_NAMES = {
    "attach_type": attach_types.NAMES,
    "order": link_types.ITER_ORDER_NAMES,
    "perf_type": link_types.PERF_LINK_NAMES,
    "event_type": perf_events.TYPE_NAMES,
}
_CACHE_NAMES: tuple[tuple[str, ...], ...] = (
    perf_events.HW_CACHE_NAMES,
    perf_events.HW_CACHE_OP_NAMES,
    perf_events.HW_CACHE_RESULT_NAMES,
)
_RETURN_FLAG = 1  # BPF_F_KPROBE_MULTI_RETURN and BPF_F_UPROBE_MULTI_RETURN
_RETURN_PROBES = (link_types.PERF_LINK_URETPROBE, link_types.PERF_LINK_KRETPROBE)
_PROBES = (link_types.PERF_LINK_UPROBE, link_types.PERF_LINK_KPROBE, *_RETURN_PROBES)
_KPROBES = (link_types.PERF_LINK_KPROBE, link_types.PERF_LINK_KRETPROBE)
# What ftrace patches stands behind the symbol: by the endbr64 (x86) or bti (aarch64) instruction, and on aarch64 by the
# one that saves the link register as well.
_ENTRY_OFFSETS = (0, 4, 8)


def addresses(links: Iterable[Link]) -> set[int]:
    """Return the kernel addresses whose symbols `View` wants to know for a set of links."""
    wanted: set[int] = set()
    for link in links:
        for address in link.fields.get("addrs", ()):
            wanted.update(address - offset for offset in _ENTRY_OFFSETS if address)
        if link.fields.get("addr") and not link.fields.get("func_name"):
            wanted.add(link.fields["addr"])
    return wanted


class View:
    """Turns `Link` objects of one host into records.

    ``types`` maps ids of programs to their type numbers, or to the reason why one could not be read. ``symbols`` maps
    those of `addresses` that begin a symbol to (name, module or None). ``devnames`` maps ids of *links* to the
    interfaces that were shown to carry them, since an ifindex doesn't say of which network namespace it is. None means
    that nobody looked.
    """

    def __init__(
        self,
        types: Mapping[int, int | str] | None = None,
        symbols: Mapping[int, tuple[str, str | None]] | None = None,
        devnames: Mapping[int, str] | None = None,
    ) -> None:
        self._types = types
        self._symbols = symbols
        self._devnames = devnames

    def record(self, link: Link) -> dict:
        """Return the record of a link: every key of `KEYS`, and ``unavailable`` where something was not told.

        A ``cgroup_id``, ``netns_ino``, ``ifindex`` or ``map_id`` of 0 is the kernel's word for "that is gone".
        """
        if link.error is not None:
            return rec.unreadable(link.id, KEYS, errors.reason(link.error))
        kind = link.type or 0
        result: dict = dict.fromkeys(KEYS)
        result["id"] = link.id
        result["type"] = rec.number_name(link_types.NAMES, kind)
        result["prog_id"] = link.prog_id
        for field, value in link.fields.items():
            if field not in _ITEMS:
                result[_RENAMED.get(field, field)] = _value(field, value)
        unknown = {_RENAMED.get(field, field): why for field, why in link.missing.items() if field not in _ITEMS}
        complete = self._COMPLETE.get(kind)
        if complete is not None:
            complete(self, result, link, unknown)
        for key, why in unknown.items():
            result.setdefault("unavailable", {})[key] = why
        return result

    def _tracing(self, result: dict, link: Link, unknown: dict[str, str]) -> None:
        if self._types is None:
            unknown["prog_type"] = "program not read"
            return
        found = self._types.get(link.prog_id or 0, "vanished")
        if isinstance(found, str):
            unknown["prog_type"] = found
        else:
            result["prog_type"] = rec.number_name(prog_types.NAMES, found)

    def _iter(self, result: dict, link: Link, unknown: dict[str, str]) -> None:
        for key in ("tid", "pid"):
            result[key] = result[key] or None

    def _device(self, result: dict, link: Link, unknown: dict[str, str]) -> None:
        if result["ifindex"] == 0:
            result["devname"] = "(detached)"
        elif self._devnames is None:
            unknown["devname"] = "not resolved"
        elif link.id in self._devnames:
            result["devname"] = self._devnames[link.id]
        else:
            unknown["devname"] = "network namespace not reachable"

    def _perf_event(self, result: dict, link: Link, unknown: dict[str, str]) -> None:
        kind = link.fields.get("perf_type", link_types.PERF_LINK_UNSPEC)
        if kind == link_types.PERF_LINK_UNSPEC:
            unknown["perf_type"] = unknown["cookie"] = "unsupported"
        elif kind in _PROBES:
            result["retprobe"] = kind in _RETURN_PROBES
        elif kind == link_types.PERF_LINK_TRACEPOINT:
            # The same field is a key of its own here: raw tracepoints have the name as tp_name.
            result["tracepoint"], result["tp_name"] = result["tp_name"], None
            if "tp_name" in unknown:
                unknown["tracepoint"] = unknown.pop("tp_name")
        elif kind == link_types.PERF_LINK_EVENT:
            result["event_config"] = _event_config(link.fields["event_type"], link.fields["config"])
        if kind in _KPROBES:
            self._kprobe(result, unknown)

    def _kprobe(self, result: dict, unknown: dict[str, str]) -> None:
        if result["func"] == "":
            symbol, why = self._symbol(result["addr"], (0,))
            result["func"] = symbol[0]
            if why:
                unknown["func"] = why
        if result["addr"] == 0:
            result["addr"] = None
            unknown["addr"] = HIDDEN

    def _multi(self, result: dict, link: Link, unknown: dict[str, str]) -> None:
        if link.type != link_types.TRACING_MULTI:
            if "flags" in link.fields:
                result["retprobe"] = bool(link.fields["flags"] & _RETURN_FLAG)
            else:
                unknown["retprobe"] = unknown["flags"]
        told = {_ITEMS[field]: values for field, values in link.fields.items() if field in _ITEMS}
        reasons = {_ITEMS[field]: why for field, why in link.missing.items() if field in _ITEMS}
        if not told:
            unknown["funcs"] = next(iter(reasons.values()))
            return
        items = [dict(zip(told, row), **dict.fromkeys(reasons)) for row in zip(*told.values())]
        if link.type != link_types.UPROBE_MULTI:
            for item in items:
                self._name(item, reasons)
            items.sort(key=lambda item: item["addr"] or 0)
        result["funcs"] = items
        unknown.update(("funcs." + key, why) for key, why in reasons.items())

    def _name(self, item: dict, reasons: dict[str, str]) -> None:
        """Add symbol and module to an item of funcs; reasons collects what could not be told of any of them."""
        (item["func"], item["module"]), why = self._symbol(item["addr"], _ENTRY_OFFSETS)
        if why:
            reasons.setdefault("func", why)
        if item["addr"] == 0:
            item["addr"] = None
            reasons["addr"] = HIDDEN

    def _symbol(self, address: int | None, offsets: tuple[int, ...]) -> tuple[tuple[str | None, str | None], str]:
        """Return (name, module) of the symbol at an address or a little before it, and why there is none."""
        if not address:
            return (None, None), HIDDEN
        if self._symbols is None:
            return (None, None), "symbols not read"
        for offset in offsets:
            if address - offset in self._symbols:
                return self._symbols[address - offset], ""
        return (None, None), "no symbol"

    _COMPLETE = {
        link_types.TRACING: _tracing,
        link_types.ITER: _iter,
        link_types.XDP: _device,
        link_types.TCX: _device,
        link_types.NETKIT: _device,
        link_types.PERF_EVENT: _perf_event,
        link_types.KPROBE_MULTI: _multi,
        link_types.UPROBE_MULTI: _multi,
        link_types.TRACING_MULTI: _multi,
    }


def _value(field: str, value):
    if isinstance(value, bytes):
        return rec.text(value)
    if field in _NAMES:
        return rec.number_name(_NAMES[field], value)
    return value


def _event_config(kind: int, config: int) -> str | int:
    """Return the name of a perf event, the bare config where its type has none."""
    if kind == perf_events.TYPE_HW_CACHE:
        parts = (config & 0xFF, config >> 8 & 0xFF, config >> 16)
        return "-".join(rec.number_name(names, part) for names, part in zip(_CACHE_NAMES, parts))
    names: tuple[str, ...] = perf_events.CONFIG_NAMES.get(kind, ())
    return names[config] if config < len(names) else config
