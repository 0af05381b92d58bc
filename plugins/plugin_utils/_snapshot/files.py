# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""The record of a host (see collect.py) -> the files of its snapshot: path below the folder of the host -> text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .._errors import FleetError
from .._run.filename import quoted
from . import index, redact

# A name from the kernel has 15 characters, one from BTF any number.
_LONGEST = 60


Draw = Callable[[str, str], bytes]


def build(host: str, record: dict[str, Any], addresses: bool, draw: Draw) -> tuple[dict[str, str], list[str]]:
    """Return the files, and sentences about what is missing in them.

    Addresses stay in them only with C(addresses). C(draw(graph, format)) makes pictures.
    """
    made = _Snapshot(record, addresses, draw)
    return made.files(host), made.sentences()


class _Snapshot:
    def __init__(self, record: dict[str, Any], addresses: bool, draw: Draw) -> None:
        self._record = record
        self._addresses = addresses
        self._draw = draw
        self._missing = list(record["missing"])
        self._files: dict[str, str] = {}

    def files(self, host: str) -> dict[str, str]:
        """Return the texts by path."""
        for noun in ("sysctls", "maps", "links"):
            self._json(f"{noun}.json", self._record[noun])
        rows = [self._program(program) for program in self._record["programs"]]
        model = {"host": host, "rows": rows, "redacted": not self._addresses, "missing": self.sentences()}
        for noun in ("sysctls", "maps", "links"):
            model[noun] = self._masked(self._record[noun])
        self._files["index.html"] = index.render(model)
        return self._files

    def sentences(self) -> list[str]:
        """Return what is missing, each reason once."""
        return list(dict.fromkeys(self._mask(redact.plain, sentence) for sentence in self._missing))

    def _program(self, program: dict[str, Any]) -> dict[str, Any]:
        """Add the files of a program, and return what the index shows of it."""
        number = program["id"]
        folder = f"programs/{number}-{quoted(program['full_name'] or program['name'] or '')[:_LONGEST].rstrip('%')}"
        self._json(f"{folder}/program.json", program)
        self._listing(folder, number)
        self._machine(folder, number)
        self._flow(folder, number)
        types = self._record["types"].get(program["btf_id"])
        if types is not None:
            self._files[f"{folder}/types.h"] = self._mask(redact.plain, types)
        maps = [one for one in self._record["maps"] if one["id"] in (program["map_ids"] or ())]
        self._json(f"{folder}/maps.json", maps)
        for one in maps:
            entries = self._record["entries"].get(one["id"])
            if entries is not None:
                self._json(f"{folder}/map-{one['id']}.json", entries)
        links = [one for one in self._record["links"] if one.get("prog_id") == number]
        self._json(f"{folder}/links.json", links)
        names = sorted(path[len(folder) + 1 :] for path in self._files if path.startswith(folder + "/"))
        return {"program": self._masked(program), "folder": folder, "names": names, "links": self._masked(links)}

    def _listing(self, folder: str, number: int) -> None:
        text = self._part("xlated", number, "text")
        if text is not None:
            self._files[f"{folder}/xlated.txt"] = self._mask(redact.xlated, text)

    def _machine(self, folder: str, number: int) -> None:
        found = self._record["jited"].get(number, {})
        text = self._part("jited", number, "text")
        if text is not None:
            machine = found.get("machine", "")
            self._files[f"{folder}/jited.txt"] = self._mask(lambda whole: redact.jited(whole, machine), text)
        elif found.get("raw") and self._addresses:
            self._files[f"{folder}/jited.hex"] = found["raw"] + "\n"
        elif found.get("raw"):
            self._missing.append("the bytes of machine code are left out: nothing in them can be masked")

    def _flow(self, folder: str, number: int) -> None:
        graph = self._part("flow", number, "dot")
        if graph is None:
            return
        graph = self._mask(redact.xlated, graph)
        self._files[f"{folder}/flow.dot"] = graph
        try:
            self._files[f"{folder}/flow.svg"] = self._draw(graph, "svg").decode("utf-8", "replace")
        except FleetError as error:
            self._missing.append(f"pictures: {error}")

    def _part(self, kind: str, number: int, key: str) -> str | None:
        found = self._record[kind].get(number)
        if found is None:
            self._missing.append(f"{kind} of program {number}: not read")
            return None
        self._missing += [f"{kind} of program {number}: {hint}" for hint in found.get("hints") or ()]
        if found.get(key) is None and not found.get("raw"):
            why = found.get("unavailable", {}).get(key, "not told")
            self._missing.append(f"{kind} of program {number}: {why}")
        return found.get(key)

    def _mask(self, mask: Callable[[str], str], text: str) -> str:
        return text if self._addresses else mask(text)

    def _masked(self, found: Any) -> Any:
        return found if self._addresses else redact.value(found)

    def _json(self, path: str, found: Any) -> None:
        self._files[path] = json.dumps(self._masked(found), indent=1, sort_keys=True, ensure_ascii=True) + "\n"
