# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the steps of a suite on a fleet that is up, one playbook after another, and judges what came of it."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import subprocess
import time

from . import machines, matrix, outcome, versions
from .outcome import Host, Outcome
from .plan import HERE, ROOT, TARGETS, Plan, Step

SHOWN_LINES = 60
# Under emulation a login takes seconds, and one that is made once lasts for a step.
SSH_ARGUMENTS = "-o ControlMaster=auto -o ControlPersist=600s"
FORKS = 16
# Ansible looks a thousand times a second whether a task has ended, on processors that the guests need.
SETTINGS = """[defaults]
internal_poll_interval = 0.02
"""


@dataclasses.dataclass
class Done:
    step: Step
    outcome: Outcome
    code: int = 0
    seconds: float = 0.0
    log: pathlib.Path | None = None


class Runner:
    def __init__(self, plan: Plan, suite: str, place: pathlib.Path, fleet: machines.Machines) -> None:
        self.plan, self.suite, self.place, self.fleet = plan, suite, place, fleet
        self.columns = plan.columns(suite)
        self.problems: list[str] = []
        self.done: list[Done] = []

    # ---- run

    def run(self, only: list[str]) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        listed = machines.inventory(self.columns, self.plan.extras(self.suite))
        (self.place / "suite.json").write_text(json.dumps(listed), encoding="utf-8")
        # the settings of the user are not those of the suite
        (self.place / "ansible.cfg").write_text(SETTINGS, encoding="utf-8")
        for step in self.plan.steps(self.suite):
            if only and step.name not in only:
                continue
            if step.left_out:
                print(f"{step.name}: skipped: {step.left_out}", flush=True)
                continue
            self.step(step)

    def step(self, step: Step) -> None:
        before = self.fleet.processes()
        done = self.play(step)
        died = [name for name, process in self.fleet.processes().items() if process != before.get(name)]
        if died and lost(done.outcome, died):
            # The emulator killed them, and the tool has restarted them. A test that failed is not run again.
            print(f"{step.name}: once more on {', '.join(died)}, which the emulator killed meanwhile", flush=True)
            again = self.play(step, died)
            for name in died:
                done.outcome.hosts[name] = again.outcome.host(name)
            done.code = 0 if all(host.good for host in done.outcome.hosts.values()) else done.code
        self.done.append(done)
        self.judge(done)
        self.tell(done)

    def play(self, step: Step, limit: list[str] | None = None) -> Done:
        name = step.name.replace(" ", "-")
        results, log = self.place / f"{name}.jsonl", self.place / f"{name}.log"
        results.write_text("", encoding="utf-8")
        words = ["ansible-playbook", "-i", os.environ["ANSIBLE_INVENTORY"], "-i", str(self.place / "suite.json")]
        words += [str(step.playbook), "-e", json.dumps({**step.variables, "vmfleet_hosts": step.hosts})]
        words += ["--limit", ",".join([*limit, "localhost"])] if limit else []
        start = time.monotonic()
        with log.open("ab") as stream:
            code = subprocess.run(
                words,
                cwd=ROOT,
                env=environment(self.place, results),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                check=False,
            ).returncode
        found = outcome.read(results.read_text(encoding="utf-8").splitlines())
        return Done(step, found, code, time.monotonic() - start, log)

    # ---- judge

    def judge(self, done: Done) -> None:
        step, name = done.step, done.step.name
        for host, one in sorted(done.outcome.hosts.items()):
            self.problems += [f"{name} on {host}: {text}" for text in one.failures]
            self.problems += [f"{name} on {host}: unreachable: {one.unreachable}"] if one.unreachable else []
        if not done.outcome.ended or not done.outcome.tasks:
            self.problems.append(f"{name}: ansible-playbook ended with {done.code} before its recap, see {done.log}")
        elif done.code and not any(text.startswith(name) for text in self.problems):
            self.problems.append(f"{name}: ansible-playbook ended with {done.code}, see {done.log}")
        if step.hosts == "fleet":
            self.problems += [
                f"{name} on {host}: did not run" for host in self.columns if host not in done.outcome.hosts
            ]
        if step.most_tasks and done.outcome.tasks > step.most_tasks:
            self.problems.append(f"{name}: {done.outcome.tasks} tasks, more than the {step.most_tasks} it may have")
        self.hold_to_documentation(done)

    def hold_to_documentation(self, done: Done) -> None:
        releases = {name: machine["kernel"] for name, machine in self.fleet.read().items()}
        for host, one in done.outcome.hosts.items():
            for module, records in one.told.items():
                path = ROOT / "plugins" / "modules" / f"{module}.py"
                since = versions.first_versions(versions.returned(path))
                known = versions.valued(
                    record for other in done.outcome.hosts.values() for record in other.told.get(module, [])
                )
                found = versions.wrong(records, since, releases[host], known)
                self.problems += [f"{module}: {text}" for text in found]

    def tell(self, done: Done) -> None:
        hosts = {name: host for name, host in done.outcome.hosts.items() if name != "localhost"} or done.outcome.hosts
        good = sum(host.good for host in hosts.values())
        # a case may do most of its work on this machine
        tasks = max((host.tasks for host in done.outcome.hosts.values()), default=0)
        print(f"{done.step.name}: {good} of {len(hosts)} hosts good, {tasks} tasks, {done.seconds:.0f} s", flush=True)
        for text in sorted({text for host in hosts.values() for text in host.left_out}):
            where = sorted(name for name, host in hosts.items() if text in host.left_out)
            print(f"    skipped: {text} ({', '.join(where)})", flush=True)
        bad = [text for text in self.problems if text.startswith(done.step.name)]
        if bad and done.log:
            print("".join(f"    {line}\n" for line in bad), end="")
            lines = done.log.read_text(encoding="utf-8", errors="backslashreplace").splitlines()
            fatal = [line for line in lines if line.startswith(("fatal:", "failed:", "[ERROR]", "ERROR"))]
            print("".join(f"    {line[:2000]}\n" for line in fatal[-SHOWN_LINES:]), end="", flush=True)

    # ---- the matrix

    def matrix(self) -> matrix.Matrix:
        return matrix.build([(done.step, done.outcome) for done in self.done], self.columns)

    def compare(self, only: list[str]) -> None:
        """Cells that are worse than the committed ones are problems; a part of the steps is not compared."""
        if not only:
            now, columns = self.matrix(), sorted(set(self.columns.values()))
            self.problems += matrix.worse(matrix.read()["modules"], now, columns)

    def record(self) -> None:
        data = matrix.text(self.fleet.kernels(self.columns), self.matrix())
        matrix.DATA.write_text(data, encoding="utf-8")
        matrix.PAGE.write_text(matrix.page(json.loads(data)), encoding="utf-8")
        print(f"wrote {matrix.DATA.relative_to(ROOT)} and {matrix.PAGE.relative_to(ROOT)}")


def lost(found: Outcome, died: list[str]) -> bool:
    """Whether a guest that died took its tests with it."""
    return any(found.hosts.get(name, Host()).unreachable for name in died)


def environment(place: pathlib.Path, results: pathlib.Path) -> dict[str, str]:
    ours = {
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "fleet_results",
        "ANSIBLE_CONFIG": str(place / "ansible.cfg"),
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_FORKS": str(FORKS),
        "ANSIBLE_NOCOLOR": "true",
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_ROLES_PATH": str(TARGETS),
        "ANSIBLE_SSH_ARGS": SSH_ARGUMENTS,
        # the time that a login and sudo may take
        "ANSIBLE_TIMEOUT": "300",
        "VMFLEET_PLACE": str(place),
        "VMFLEET_RESULTS": str(results),
    }
    return dict(os.environ, **ours)
