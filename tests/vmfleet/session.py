# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A command with a fleet around it: whatever ends it, the guests end too."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import time

from . import fleet, processes, signals
from .images import Builder
from .ledger import Ledger
from .rundir import RunDir
from .spec import Spec

LOOK_SECONDS = 0.5


def run(command: list[str], specs: list[Spec], run_dir: RunDir, builder: Builder, options: fleet.Options) -> int:
    """The exit code of the command."""
    signals.catch()
    crew = fleet.Fleet(run_dir, builder, options)
    try:
        with run_dir.owned(), crew.up(specs), builder.ledger.step("command") as step:
            code = supervise(command, crew)
            step.note, step.mebibytes = f"ended with {code}", crew.mebibytes()
        return code
    finally:
        tell(crew, builder.ledger)


def supervise(command: list[str], crew: fleet.Fleet) -> int:
    """Run the command and look after the guests meanwhile."""
    # should the tool be killed, the command gets a chance to end in order
    words = ["setpriv", "--pdeathsig", "TERM", "--", *command]
    child = None
    try:
        with signals.deferred():
            child = subprocess.Popen(words, env=fleet.environment(crew.run))
        while True:
            try:
                return child.wait(LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                crew.look_after()
    except BaseException:
        if child:
            own = processes.Process.of(child.pid)
            processes.end([*([own] if own else []), *processes.descendants(child.pid)])
            child.wait()
        raise


def tell(crew: fleet.Fleet, ledger: Ledger) -> None:
    print(ledger.table(), file=sys.stderr)
    for event in crew.events:
        print(f"guest: {event}", file=sys.stderr)
    sys.stderr.flush()


def up(arguments: list[str], run_dir: RunDir) -> pathlib.Path:
    """Start a run in the background and wait until its fleet is ready; returns the inventory."""
    run_dir.path.mkdir(parents=True, exist_ok=True)
    log = run_dir.path / "up.log"
    with log.open("wb") as stream:
        keeper = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).resolve().parent), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    signals.catch()
    try:
        follow(keeper, log, run_dir)
    except BaseException:
        keeper.terminate()
        keeper.wait()
        raise
    return run_dir.inventory


def follow(keeper: subprocess.Popen[bytes], log: pathlib.Path, run_dir: RunDir) -> None:
    """Show what the other one says until its fleet is ready."""
    shown = 0
    while True:
        text = log.read_text(errors="backslashreplace")
        sys.stderr.write(text[shown:])
        shown = len(text)
        code = keeper.poll()
        if code is not None:
            raise SystemExit(code or 1)
        found = run_dir.read()
        if found.get("ready") and (found.get("owner") or {}).get("pid") == keeper.pid:
            return
        time.sleep(0.2)


def down(run_dir: RunDir, patience: float = 60) -> None:
    """Ask the owner of a fleet to stop it, and clear away what it leaves."""
    owner = run_dir.owner()
    if owner:
        processes.end([owner], patience)
    with run_dir.owned():
        pass
