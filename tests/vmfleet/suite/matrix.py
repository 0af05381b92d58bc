# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel support matrix: module x kernel, made of what the steps of a run did; data, comparison, page."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping

from . import versions
from .outcome import Outcome
from .plan import ROOT, Step

DATA = ROOT / "tests" / "vmfleet" / "suite" / "support.json"
PAGE = ROOT / "docs" / "docsite" / "rst" / "kernel_support.rst"
STATES = ("ok", "partly", "unsupported", "failed", "not run")

Cell = dict
Matrix = dict[str, dict[str, Cell]]


def cell(records: list[dict], good: bool, unsupported: str = "") -> Cell:
    if not good:
        return {"state": "failed"}
    if unsupported:
        return {"state": "unsupported", "reason": unsupported}
    gone = versions.missing(records)
    return {"state": "partly", "missing": gone} if gone else {"state": "ok"}


def build(done: list[tuple[Step, Outcome]], columns: Mapping[str, str]) -> Matrix:
    """columns says which host stands for which kernel."""
    matrix: Matrix = {}
    for host, column in columns.items():
        for module in sorted({module for step, _outcome in done for module in step.modules}):
            about = [outcome.hosts.get(host) for step, outcome in done if module in step.modules and not step.left_out]
            found = [one for one in about if one and (one.tasks or one.unreachable)]
            if found:
                records = [record for one in found for record in one.told.get(module, [])]
                refused = next((record["unsupported"] for record in records if "unsupported" in record), "")
                good = all(one.good for one in found)
                matrix.setdefault(module, {})[column] = cell(records, good, refused)
    return matrix


def worse(before: Matrix, now: Matrix, columns: list[str]) -> list[str]:
    """Cells that have got worse, a sentence each; only the columns that ran count."""
    found = []
    for module, cells in before.items():
        for column in columns:
            if column not in cells:
                continue
            old, new = cells[column], now.get(module, {}).get(column, {"state": "not run"})
            lost = sorted(set(new.get("missing", [])) - set(old.get("missing", [])))
            if STATES.index(new["state"]) > STATES.index(old["state"]):
                found.append(f"{module} on Linux {column}: {new['state']}, was {old['state']}")
            elif old["state"] == new["state"] and lost:
                found.append(f"{module} on Linux {column}: {', '.join(lost)} missing, was there")
    return found


def read(path: pathlib.Path = DATA) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"kernels": {}, "modules": {}}


def text(kernels: Mapping[str, Mapping[str, str]], matrix: Matrix) -> str:
    """The data as it is kept: no times and no machines, so that it changes when support does."""
    return json.dumps({"kernels": kernels, "modules": matrix}, indent=2, sort_keys=True) + "\n"


# ---- the page

HEAD = """..
  Copyright (c) 2026, ebpf.fleet contributors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. Written by ``make fleet-test ARGS=--record`` from tests/vmfleet/suite/support.json: do not edit.

.. _ansible_collections.ebpf.fleet.docsite.kernel_support:

Kernel support
==============

What the modules do on which kernel, as a run of the integration tests over ssh on virtual machines found it. A module
that is ``ok`` passed its tests there, and no key was missing in the records of the objects that they made. ``partly``
lists the keys that were: they are null, with the reason in ``unavailable``. Types of objects and options that are
younger than a kernel are not in this table; where the documentation of a key names a Linux, older ones do not tell it.
A run in which a cell gets worse fails.

"""


def ordered(kernels: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted(kernels, key=lambda column: versions.kernel(kernels[column]["release"]))


def table(rows: list[list[str]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'*' if place == 0 else ' '} - {one}".rstrip() for place, one in enumerate(row)]
    return "\n".join(lines) + "\n"


def says(found: Cell | None) -> str:
    if not found:
        return "not tested"
    if "missing" in found:
        return f"partly: no {', '.join(f'``{key}``' for key in found['missing'])}"
    return f"unsupported: {found['reason']}" if found["state"] == "unsupported" else found["state"]


def page(data: dict) -> str:
    columns = ordered(data["kernels"])
    machines = [["Kernel", "Userland", "Python"]]
    machines += [[data["kernels"][column][key] for key in ("release", "userland", "python")] for column in columns]
    modules = [
        [
            "Module",
            *(f"Linux {'.'.join(map(str, versions.kernel(data['kernels'][one]['release'])))}" for one in columns),
        ]
    ]
    for name, cells in sorted(data["modules"].items()):
        modules.append([f":ansplugin:`ebpf.fleet.{name}#module`", *(says(cells.get(column)) for column in columns)])
    return HEAD + table(modules) + "\nThe machines:\n\n" + table(machines)
