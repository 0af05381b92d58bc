# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import os
import pathlib
import platform
import sys

from . import commands, fleet, leftovers, parallel, places, session, signals, sources, spec
from .archive import Suite
from .errors import FleetError
from .images import Builder
from .ledger import Ledger
from .rundir import RunDir

DESCRIPTION = f"""Boot a fleet of Debian virtual machines with different kernels, reached over ssh, for a command.

SPEC is one word of the shell: {spec.GRAMMAR}
  bookworm=3                      three machines with Debian 12 and its own kernel
  trixie@trixie-backports/6.18    Debian 13 with the newest 6.18 found in its backports
  'bullseye packages=python3-pyroute2 append=lsm=lockdown,bpf name=odd'
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="vmfleet", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--run-dir", type=pathlib.Path, help="folder of this fleet (default: run in the cache)")
    top.add_argument("--mirror", default="", help="Debian archive (default: that of this machine's apt sources)")
    subs = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, action, text: str) -> argparse.ArgumentParser:
        sub = subs.add_parser(name, help=text, description=text)
        sub.set_defaults(action=action, name=name)
        return sub

    add("deps", deps, "install what the tool needs (root)")
    add("kernels", kernels, "list the kernels of a suite").add_argument("suite")
    building = add("build", build, "build images, unless they are in the cache (root)")
    building.add_argument("--rebuild", action="store_true", help="build them in any case")
    machine_words(building)
    running = add("run", run, "start a fleet, run a command (after --), stop the fleet")
    starting = add("up", up, "start a fleet in the background and print its inventory")
    starting.add_argument("--lifetime", type=int, default=4 * 3600, help="seconds until it ends by itself")
    for sub in (running, starting):
        machine_words(sub)
        hardware_words(sub)
    add("status", status, "list the machines of the fleet")
    login = add("ssh", ssh, "log in to a machine, or run a command there, as root")
    login.add_argument("machine")
    login.add_argument("command", nargs=argparse.REMAINDER)
    add("down", lambda args: session.down(args.run_dir), "stop the fleet")
    add("check", check, "list processes, mounts and files of fleets; fails when there is one")
    return top


def machine_words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("specs", nargs="+", metavar="SPEC")
    sub.add_argument("--packages", default="", help="more packages for all machines: A,B")
    sub.add_argument("--append", default="", help="more kernel arguments for all machines")


def hardware_words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--memory", type=int, default=384, help="MiB of each machine (default: 384)")
    sub.add_argument("--cpus", type=int, default=1, help="processors of each machine (default: 1)")
    sub.add_argument("--accelerator", choices=("auto", "kvm", "tcg"), default="auto")
    sub.add_argument("--cold", action="store_true", help="boot every machine, start none from saved memory")


def specs_of(args: argparse.Namespace) -> list[spec.Spec]:
    packages = tuple(filter(None, args.packages.split(",")))
    return [spec.parse(text, packages, tuple(args.append.split())) for text in args.specs]


def builder_of(args: argparse.Namespace, rebuild: bool = False) -> Builder:
    if platform.machine() != "x86_64":
        raise FleetError(f"guests are x86_64, and this machine is {platform.machine()}: it cannot set them up")
    return Builder(places.cache(), Ledger(), args.mirror, rebuild)


def deps(_args: argparse.Namespace) -> None:
    commands.install()
    places.say("everything is here that the tool needs")


def kernels(args: argparse.Namespace) -> None:
    suite = Suite(args.suite, sources.mirror(args.mirror), places.cache())
    suite.refresh()
    print(*suite.releases(), sep="\n")


def build(args: argparse.Namespace) -> None:
    specs = specs_of(args)
    commands.require(commands.TO_BUILD)
    builder = builder_of(args, args.rebuild)
    signals.catch()
    try:
        for image in parallel.each(builder.image, specs, fleet.PREPARERS):
            print(image.folder)
    finally:
        print(builder.ledger.table(), file=sys.stderr)


def run(args: argparse.Namespace) -> int:
    commands.require(commands.TO_RUN)
    options = fleet.Options(args.accelerator, args.cold, args.cpus, args.memory)
    specs = specs_of(args)
    return session.run(args.command, specs, args.run_dir, builder_of(args), options)


def up(args: argparse.Namespace) -> None:
    specs_of(args)
    words = ["--run-dir", str(args.run_dir.path), "--mirror", args.mirror, "run", *args.specs]
    for name in ("packages", "append", "memory", "cpus", "accelerator"):
        words.append(f"--{name}={getattr(args, name)}")
    words += ["--cold"] if args.cold else []
    print(session.up([*words, "--", "sleep", str(args.lifetime)], args.run_dir))


def status(args: argparse.Namespace) -> int:
    machines = args.run_dir.read().get("machines", {})
    running = {process.pid for process in args.run_dir.guests()}
    for name, machine in machines.items():
        state = "running" if (machine["process"] or {}).get("pid") in running else "ended"
        facts = f"port={machine['port']} kernel={machine['kernel']} python={machine['python']}"
        print(f"{name:<24} {state:<8} {facts} {machine['accelerator']}")
    if not machines:
        places.say(f"no fleet in {args.run_dir.path}")
    return 0 if machines else 1


def ssh(args: argparse.Namespace) -> None:
    machines = args.run_dir.read().get("machines", {})
    if args.machine not in machines:
        raise FleetError(f"no machine {args.machine} in {args.run_dir.path}: there are {', '.join(machines) or 'none'}")
    os.execvp("ssh", ["ssh", "-F", str(args.run_dir.ssh_config), args.machine, *args.command])


def check(args: argparse.Namespace) -> int:
    found = leftovers.find(places.cache(), args.run_dir)
    print("".join(f"{line}\n" for line in found) + f"{len(found)} left")
    return 1 if found else 0


def main(words: list[str]) -> int:
    cut = words.index("--") if "--" in words else len(words)
    args = parser().parse_args(words[:cut])
    if args.name == "run":
        args.command = words[cut + 1 :]
    args.run_dir = RunDir(args.run_dir or places.cache() / "run")
    # the tools that make file systems are only on root's path
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    try:
        if args.name == "run" and not args.command:
            raise FleetError("run needs a command: put it behind --")
        return args.action(args) or 0
    except (FleetError, OSError) as error:
        places.say(f"error: {error}")
        return 1
