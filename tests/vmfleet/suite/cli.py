# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the suite."""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from .. import commands, places, signals
from ..errors import FleetError
from . import guests, matrix
from .machines import Machines
from .plan import ROOT, Plan, PlanError, Step
from .runner import Runner

TOOL = ROOT / "tests" / "vmfleet"
ARTEFACTS = ROOT / "tests" / "output" / "vmfleet"


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="suite", description="Test the collection on a fleet of virtual machines.")
    top.add_argument("suite", choices=("smoke", "full", "page"), help="page: write the page from the data, run nothing")
    top.add_argument("only", nargs="*", help="these steps alone")
    top.add_argument("--record", action="store_true", help="write the kernel support matrix, where nothing failed")
    top.add_argument("--here", action="store_true", help="use the fleet that VMFLEET_RUN_DIR names")
    top.add_argument("--run-dir", type=pathlib.Path, help="folder of the fleet (default: one of this run)")
    return top


def provide() -> None:
    """Have qemu and what else the tool needs; CI machines begin without."""
    missing = commands.missing(sorted(commands.PROGRAMS))
    if not missing:
        return
    try:
        commands.install()
    except FleetError as error:
        raise FleetError(f"no fleet: {', '.join(missing)} missing here, and cannot be installed: {error}") from None


def on_a_fleet(args: argparse.Namespace, specs: list[str]) -> int:
    """Start this program again with a fleet around it."""
    provide()
    folder = args.run_dir or pathlib.Path(tempfile.mkdtemp(prefix="vmfleet-"))
    words = [sys.executable, str(TOOL), "--run-dir", str(folder), "run", *specs, "--"]
    words += [sys.executable, str(TOOL / "suite"), args.suite, "--here", *args.only]
    words += ["--record"] if args.record else []
    try:
        return passed_on(words)
    finally:
        keep_logs(folder)
        if not args.run_dir:
            shutil.rmtree(folder, ignore_errors=True)


def passed_on(words: list[str]) -> int:
    """Run a command, which gets the signals that would end us: who stops the suite stops its machines."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in signals.ENDING}
    try:
        with subprocess.Popen(words) as tool:
            for number in signals.ENDING:
                signal.signal(number, lambda number, _frame: tool.send_signal(number))
            for early in came:
                tool.send_signal(early)
            return tool.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def keep_logs(folder: pathlib.Path) -> None:
    for log in folder.glob("*/*.log"):
        target = ARTEFACTS / "consoles" / log.parent.name
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(log, target)


def here(args: argparse.Namespace, plan: Plan) -> int:
    shutil.rmtree(ARTEFACTS, ignore_errors=True)
    fleet = Machines.of_environment(os.environ)
    guests.prepare(fleet.run_dir / "ssh_config", fleet.read())
    runner = Runner(plan, args.suite, ARTEFACTS, fleet)
    runner.run(args.only)
    if args.record and not runner.problems:
        runner.record()
    else:
        runner.compare(args.only)
    for line in runner.problems:
        print(f"FAILED: {line}")
    print(f"fleet: {len(runner.done)} steps, {len(runner.problems)} problems; logs in {ARTEFACTS.relative_to(ROOT)}")
    return 1 if runner.problems else 0


def check(steps: list[Step], only: list[str]) -> None:
    """Raise PlanError for a step that does not exist or cannot run: two hours later is too late to tell."""
    known = [step.name for step in steps]
    if unknown := [name for name in only if name not in known]:
        raise PlanError(f"no step is called {', '.join(unknown)}; there are {', '.join(known)}")
    missing = {step.name: step.missing() for step in steps if not only or step.name in only}
    lacking = [f"{name} needs {' and '.join(needs)}" for name, needs in missing.items() if needs]
    if lacking:
        raise PlanError(f"{'; '.join(lacking)} on this machine: make oracles installs that, or name the other steps")


def main(words: list[str]) -> int:
    args = parser().parse_intermixed_args(words)
    if args.record and (args.suite != "full" or (args.only and "smoke" not in args.only)):
        parser().error("--record needs all machines, and the step smoke, which tells what a kernel knows: full smoke")
    try:
        plan = Plan.read()
        if args.suite == "page":
            matrix.PAGE.write_text(matrix.page(matrix.read()), encoding="utf-8")
            return 0
        check(plan.steps(args.suite), args.only)
        return here(args, plan) if args.here else on_a_fleet(args, plan.specs(args.suite))
    except (FleetError, PlanError) as error:
        places.say(f"error: {error}")
        return 1
