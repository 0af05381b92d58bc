# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of one playbook run did, read from the lines that the callback fleet_results wrote."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

SKIPPED = "skipped: "


@dataclasses.dataclass
class Host:
    """One host in one run."""

    failures: list[str] = dataclasses.field(default_factory=list)
    unreachable: str = ""
    left_out: list[str] = dataclasses.field(default_factory=list)
    told: dict[str, list[dict]] = dataclasses.field(default_factory=dict)
    tasks: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return bool(self.tasks) and not self.failures and not self.unreachable


@dataclasses.dataclass
class Outcome:
    hosts: dict[str, Host] = dataclasses.field(default_factory=dict)
    tasks: int = 0
    ended: bool = False

    def host(self, name: str) -> Host:
        return self.hosts.setdefault(name, Host())


def read(lines: Iterable[str]) -> Outcome:
    outcome = Outcome()
    for text in lines:
        line = json.loads(text)
        if "begins" in line:
            outcome.tasks += 1
        elif "recap" in line:
            outcome.ended = True
            settle(outcome, line["recap"])
        else:
            take(outcome.host(line["host"]), line)
    return outcome


def take(host: Host, line: dict) -> None:
    host.tasks += 1
    host.seconds += line["seconds"]
    said = line.get("msg", "")
    if line["state"] == "failed" and not line.get("ignored"):
        host.failures.append(f"{line['task']}: {said}")
    elif line["state"] == "unreachable" and not line.get("ignored"):
        host.unreachable = f"{line['task']}: {said}"
    elif said.startswith(SKIPPED):
        host.left_out.append(said[len(SKIPPED) :])
    for module, records in line.get("told", {}).items():
        host.told.setdefault(module, []).extend(records)


def settle(outcome: Outcome, recap: dict[str, dict]) -> None:
    """A failure that a rescue took up is none: the recap knows."""
    for name, counts in recap.items():
        host = outcome.host(name)
        if not counts["failures"] and not counts["unreachable"]:
            host.failures = []
