# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of .ci/run: two lanes side by side, a log for each step, all failures in one run.

The lane "kernel" has what loads BPF objects or looks at the whole host, one step at a time so that no step sees the
objects of another; the lane "static" has the rest.

usage: .ci/run [part of a step's name...]
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "hacking"))

import staged_ansible_test

# A fresh clone takes 19 minutes; on a host with 12,000 maps of others it took 31 with nothing beside it.
STEP_TIMEOUT = 55 * 60
LOG_LINES = 400
CLONES = ("2.16", "2.21")
CHECKS = ("validate-modules", "import", "compile")
CLOSING = re.compile(r"^=* ?(\d+ (passed|failed|skipped|error|deselected|xfailed).*|no tests ran.*) in [0-9.]+s.*$")
TELLING = re.compile(
    r"(skipped|oracles|Pythons found|lint |documentation|artefact|accelerator|guest|smoke|total|fleet|vmfleet: linux)"
)
SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] (.*)$")
# what names a fault in the log of a step: pytest's summary, ansible-playbook, ansible-test, ruff and mypy
FAULT = re.compile(r"^(FAILED|ERROR)[ :]|^E  +\S|fatal: \[|: error: |^fresh clone.* failed$|^make: \*\*\*")
FAULT_LINES, FAULT_WIDTH = 12, 180


@dataclasses.dataclass
class Step:
    name: str
    lane: str
    command: list[str]
    series: str = ""
    state: str = "not run"
    seconds: float = 0.0
    lines: list[str] = dataclasses.field(default_factory=list)

    @property
    def failed(self) -> bool:
        return self.state.startswith("FAILED")


def in_venv(levels: str, *command: str) -> list[str]:
    return ["hacking/in-venv", levels, *command]


def sanity(series: str, *tests: str) -> Step:
    name = f"sanity {series}" + (f" ({', '.join(tests)})" if tests else "")
    command = in_venv("test", "python", "hacking/staged_ansible_test.py", "sanity", "--color", "no")
    return Step(name, "static", [*command, *(word for test in tests for word in ("--test", test))], series)


def clone(series: str) -> Step:
    """Everything that a newcomer runs, the unit tests included."""
    return Step(f"fresh clone {series}", "kernel", [sys.executable, "hacking/clone.py", series], series)


def python_of(series: str) -> str:
    """Return the version of the Python that a series runs on here, "" where there is none."""
    found = subprocess.run(["hacking/find-python", series], cwd=ROOT, capture_output=True, text=True, check=False)
    return "".join(re.findall(r"(\d+\.\d+)$", found.stdout.strip()))


def units(version: str, found: bool) -> Step:
    """Target code on a Python; controller code too where this ansible-core runs on it."""
    arguments = ["units", "--venv", "--color", "no", "--python", version]
    # the one release that knows Python 3.8 as well as 3.13
    series = "2.19" if version != "3.14" else "2.21"
    command = in_venv("test", "python", "hacking/staged_ansible_test.py", *arguments)
    return Step(
        f"units on Python {version}", "static", command, series, "not run" if found else "NOT RUN: no such Python here"
    )


def steps() -> list[Step]:
    found = staged_ansible_test.real_pythons()
    # Once is enough: unit tests take three minutes on a Python.
    covered = [python_of(series) for series in CLONES]
    print(f"ci: unit tests run on Python {', '.join(filter(None, covered))} in the fresh clones", flush=True)
    return [
        *map(clone, CLONES),
        Step("artefact", "kernel", ["make", "-s", "artefact"]),
        Step("lint", "static", ["make", "-s", "lint"]),
        Step("docs", "static", ["make", "-s", "docs"]),
        # its objects are the guests'
        Step("fleet", "static", ["make", "-s", "fleet-smoke"]),
        sanity("2.21"),
        sanity("2.19", *CHECKS),
        sanity("2.16", *CHECKS),
        *(units(version, version in found) for version in staged_ansible_test.VERSIONS if version not in covered),
    ]


def prepare(wanted: list[Step]) -> list[str]:
    """Make the virtual environments one after another; returns what cannot be had."""
    notes = []
    for series in sorted({step.series for step in wanted}):
        env = environment(series)
        found = subprocess.run(
            ["hacking/find-python", series], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        if found.returncode:
            notes.append(found.stderr.strip())
            for step in wanted:
                if step.series == series and step.state == "not run":
                    step.state = f"NOT RUN: {found.stderr.strip()}"
            continue
        subprocess.run(in_venv("test", "true"), cwd=ROOT, env=env, check=False, stdin=subprocess.DEVNULL)
    return notes


def environment(series: str) -> dict[str, str]:
    env = dict(os.environ, ANSIBLE_CORE=series, PYTHON="", VENV="", CI="true", PYTHONUNBUFFERED="1")
    env.pop("MAKEFLAGS", None)
    return env


def run(step: Step, lock: threading.Lock) -> None:
    start = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace") as log:
        child = subprocess.Popen(
            step.command,
            cwd=ROOT,
            env=environment(step.series),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = child.wait(STEP_TIMEOUT)
            step.state = "ok" if code == 0 else f"FAILED ({code})"
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            step.state = f"FAILED (longer than {STEP_TIMEOUT} s)"
        log.seek(0)
        step.lines = log.read().splitlines()
    step.seconds = time.monotonic() - start
    with lock:
        print(f"==> {step.name}: {step.state} ({step.seconds:.0f} s)", flush=True)
        shown = step.lines[-LOG_LINES:] if step.failed else [line for line in step.lines if telling(line)]
        print("".join(f"    {line}\n" for line in shown), end="", flush=True)


def telling(line: str) -> bool:
    """Lines of a step that passed which are worth showing."""
    return bool(CLOSING.match(line) or TELLING.match(line))


def lane(name: str, todo: list[Step], lock: threading.Lock) -> None:
    for step in todo:
        if step.lane == name and step.state == "not run":
            run(step, lock)


def skips(done: list[Step]) -> list[str]:
    """One line for each reason: how many tests it kept from running, in which steps."""
    reasons: dict[str, dict[str, int]] = {}
    for step in done:
        for line in step.lines:
            match = SKIPPED.match(line.strip())
            if match:
                reason, count = re.sub(r"^\S+:\d+: |^\S+: ", "", match[2]), int(match[1])
            elif line.startswith("skipped:"):
                reason, count = line, 0
            else:
                continue
            steps_of = reasons.setdefault(reason, {})
            steps_of[step.name] = steps_of.get(step.name, 0) + count
    return [
        f"  {reason} ({', '.join(f'{name}: {count}' if count else name for name, count in steps_of.items())})"
        for reason, steps_of in reasons.items()
    ]


def faults(step: Step) -> list[str]:
    """Return what names the faults of a step, else how its log ends: who sees only the end of the output needs it."""
    named = list(dict.fromkeys(line.strip() for line in step.lines if FAULT.search(line)))
    shown = named or [line.strip() for line in step.lines if line.strip()]
    return [f"  {step.name}: {line[:FAULT_WIDTH]}" for line in shown[-FAULT_LINES:]]


def closing_line(done: list[Step]) -> str:
    for step in done:
        if step.name == "fresh clone 2.21":
            for line in reversed(step.lines):
                if CLOSING.match(line):
                    return line.strip("= ")
    return "pytest did not come to its closing line"


def main(filters: list[str]) -> int:
    start = time.monotonic()
    todo = [step for step in steps() if not filters or any(word in step.name for word in filters)]
    for note in prepare(todo):
        print(f"ci: {note}", flush=True)
    lock = threading.Lock()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(lane, name, todo, lock) for name in ("kernel", "static")]:
            future.result()
    print(f"\n{'step':<50} {'seconds':>7}  state")
    for step in todo:
        print(f"{step.name:<50} {step.seconds:>7.0f}  {step.state}")
    print(f"{'total':<50} {time.monotonic() - start:>7.0f}")
    print("skipped:", *(skips(todo) or ["  nothing"]), sep="\n")
    failed = [step for step in todo if step.failed]
    print(f"FAILED: {', '.join(step.name for step in failed)}" if failed else "all steps passed")
    print(*(line + "\n" for step in failed for line in faults(step)), sep="", end="")
    print(closing_line(todo), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    if not shutil.which("git"):
        sys.exit("ci: git is missing")
    sys.exit(main(sys.argv[1:]))
