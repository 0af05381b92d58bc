# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What a snapshot of a host is made of, read by the modules of this collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import FleetError
from .._native.program import finish

Execute = Callable[[str, dict[str, Any]], dict[str, Any]]


class Collector:
    """Runs modules by C(execute(name, options)) and notes as sentences in C(missing) what cannot be had.

    C(selection) are the options that choose programs. The record of a host has C(programs), C(maps), C(links),
    C(sysctls), C(xlated), C(flow) and C(jited) (records with code by program id), C(types) (C by BTF id), C(entries)
    (records by map id) and C(missing).
    """

    def __init__(
        self, execute: Execute, selection: dict[str, Any], map_entries: int = 0, required: bool = False
    ) -> None:
        self._execute = execute
        self._selection = selection
        self._map_entries = map_entries
        self._required = required
        self.missing: list[str] = []

    def collect(self) -> dict[str, Any]:
        """Return the record of the host; FleetError where not even programs can be listed."""
        columns = {"include": ["identity", "pinned", "pids"], "required": self._required}
        answer = self._execute("bpf_prog_info", {**self._selection, **columns})
        if "programs" not in answer:
            raise FleetError(str(answer.get("msg", "the programs cannot be read")))
        programs = answer["programs"]
        maps, links = self._list("bpf_map_info", "maps"), self._list("bpf_link_info", "links")
        if any(self._selection.values()):
            used = {number for program in programs for number in program["map_ids"] or ()}
            maps = [one for one in maps if one["id"] in used]
            links = [one for one in links if one.get("prog_id") in {program["id"] for program in programs}]
        return {
            "programs": programs,
            "maps": maps,
            "links": links,
            "sysctls": self._list("bpf_sysctl_info", "sysctls"),
            "xlated": self._code(programs, format="text", linum=True),
            "flow": self._code(programs, format="dot"),
            "jited": self._jited(programs),
            "types": self._types(programs),
            "entries": self._entries(maps),
            "missing": self.missing,
        }

    def _list(self, module: str, noun: str, **options: Any) -> list[dict[str, Any]]:
        answer = self._execute(module, options)
        if noun not in answer:
            self.missing.append(f"{noun}: {answer.get('msg', 'no answer')}")
        return answer.get(noun) or []

    def _code(self, programs: list[dict[str, Any]], **options: Any) -> dict[int, dict[str, Any]]:
        if not programs:
            return {}
        found = self._list("bpf_prog_code_info", "programs", **self._selection, **options)
        return {one["id"]: one for one in found}

    def _jited(self, programs: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        found = self._code(programs, what="jited")
        reasons = {finish(program, "text", False) for program in found.values()}
        self.missing += [f"machine code is not disassembled: {why}" for why in sorted(reasons - {""})]
        return found

    def _types(self, programs: list[dict[str, Any]]) -> dict[int, str]:
        found = {}
        for number in sorted({program["btf_id"] for program in programs} - {None}):
            answer = self._execute("bpf_btf_info", {"id": number, "dump": "c"})
            text = next((one.get("dump") for one in answer.get("btfs") or ()), None)
            if text is None:
                self.missing.append(f"types of BTF {number}: {answer.get('msg', 'not readable')}")
            else:
                found[number] = text
        return found

    def _entries(self, maps: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        found = {}
        for one in maps if self._map_entries else ():
            answer = self._execute("bpf_map_entry_info", {"id": one["id"], "limit": self._map_entries})
            if answer.get("failed"):
                self.missing.append(f"contents of map {one['id']}: {answer.get('msg')}")
            else:
                found[one["id"]] = {key: answer.get(key) for key in ("map", "entries", "complete")}
        return found
