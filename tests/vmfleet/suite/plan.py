# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs where: reads plan.yml and holds it to what is in the repository."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
MODULES = ROOT / "plugins" / "modules"
TARGETS = ROOT / "tests" / "integration" / "targets"


class PlanError(Exception):
    """One sentence about what is wrong with the plan."""


@dataclasses.dataclass(frozen=True)
class Step:
    """One playbook run: what it speaks for, and on which hosts."""

    name: str
    playbook: pathlib.Path
    hosts: str
    modules: tuple[str, ...]
    variables: dict[str, str] = dataclasses.field(default_factory=dict)
    # 0: as many as it likes
    most_tasks: int = 0
    left_out: str = ""
    # programs, and files by their paths, that this machine must have
    needs: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        found = {
            need: pathlib.Path(need).exists() if need.startswith("/") else shutil.which(need) for need in self.needs
        }
        return [need for need, there in found.items() if not there]


class Plan:
    def __init__(self, data: dict) -> None:
        self.data = data

    @classmethod
    def read(cls, path: pathlib.Path = HERE / "plan.yml") -> Plan:
        return cls(yaml.safe_load(path.read_text(encoding="utf-8")))

    # ---- machines

    def suite(self, name: str) -> dict:
        return self.data["suites"][name]

    def specs(self, suite: str) -> list[str]:
        chosen = self.suite(suite)
        machines = [self.data["machines"][column] for column in chosen["machines"]]
        return [*machines, *(self.data["extra"][name] for name in chosen["extra"])]

    def columns(self, suite: str) -> dict[str, str]:
        """Host -> column of the matrix."""
        return {host_of(self.data["machines"][column]): column for column in self.suite(suite)["machines"]}

    def extras(self, suite: str) -> list[str]:
        return [host_of(self.data["extra"][name]) for name in self.suite(suite)["extra"]]

    # ---- steps

    def steps(self, suite: str) -> list[Step]:
        chosen = self.suite(suite)
        makers = {"smoke": self.smoke, "targets": self.targets, "cases": self.cases}
        return [step for kind in chosen["steps"] for step in makers[kind](suite)]

    def smoke(self, suite: str) -> list[Step]:
        return [Step("smoke", HERE / "smoke.yml", "fleet", tried(), most_tasks=self.suite(suite)["most_tasks"])]

    def targets(self, _suite: str) -> list[Step]:
        there = sorted(
            path.name for path in TARGETS.iterdir() if (path / "tasks").is_dir() and path.name != "setup_bpf"
        )
        named = self.data["targets"]
        for name in set(named).difference(there):
            raise PlanError(f"{name}: there is no such integration target: correct tests/vmfleet/suite/plan.yml")
        return [self.target(name, named.get(name, {})) for name in there]

    @staticmethod
    def target(name: str, told: dict) -> Step:
        modules = told.get("modules", [name])
        for module in modules:
            if not (MODULES / f"{module}.py").exists():
                raise PlanError(f"{name}: there is no module {module}: name those it speaks for in suite/plan.yml")
        left_out = told.get("left_out", "")
        return Step(name, HERE / "target.yml", "fleet", tuple(modules), {"target": name}, left_out=left_out)

    def cases(self, suite: str) -> list[Step]:
        return [
            Step(
                f"case_{name}",
                HERE / "cases" / f"{name}.yml",
                self.hosts(suite, told["hosts"]),
                tuple(told["modules"]),
                needs=tuple(told.get("needs", ())),
            )
            for name, told in self.data["cases"].items()
        ]

    def hosts(self, suite: str, named: str) -> str:
        """A pattern of Ansible for the hosts that a case names."""
        for host, column in self.columns(suite).items():
            if column == named:
                return host
        return named


def tried() -> tuple[str, ...]:
    """The modules that the smoke play calls."""
    texts = [path.read_text(encoding="utf-8") for path in (HERE / "smoke").glob("*.yml")]
    found = {name for text in texts for name in re.findall(r"^ +ebpf\.fleet\.(\w+):", text, re.MULTILINE)}
    return tuple(sorted(name for name in found if (MODULES / f"{name}.py").exists()))


def host_of(spec: str) -> str:
    for word in spec.split():
        if word.startswith("name="):
            return word[len("name=") :]
    raise PlanError(f"the machine {spec!r} of plan.yml has no name=")
