# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure this collection beside its yardsticks in one run and print a table; the method is in README.md.

Exit status 1 when a figure is over its budget. Needs root, a working bpf(2) and bpftool.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import entry_tasks
import map_writes
import maps

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = sys.executable
ROUNDS = int(os.environ.get("ROUNDS", "5"))
PLAYS = {
    "empty": "[]",
    "noop": "[{ansible.builtin.ping: {}}]",
    "audit": "[{ebpf.fleet.bpf_audit: {}}]",
}


@contextlib.contextmanager
def held(programs: int, maps: int, descriptors: int = 0):
    """Objects that exist while the block runs."""
    command = [PYTHON, str(HERE / "hold.py"), str(programs), str(maps), str(descriptors)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        children = -(-descriptors // 4500)
        lines = [holder.stdout.readline().strip() for _turn in range(children + 1)]
        if sorted(lines) != sorted(["child"] * children + ["ready"]):
            raise SystemExit(f"cannot make the objects to measure on: {lines}")
        yield
    finally:
        holder.stdin.close()
        holder.wait()


def output(command: list[str], **options) -> str:
    """Run a command once; return what it prints, and end if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **options)
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def run(command: list[str], **options) -> tuple[float, float]:
    """Run a command once; return its (wall, CPU) seconds, its children's CPU included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    output(command, **options)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def played(command: list[str], **options) -> float:
    """Run one of the `plays` once; return its CPU seconds from when Ansible was imported."""
    return float(output(command, **options).splitlines()[-1])


def in_turn(commands: dict[str, list[str]], counted: int = ROUNDS, measure=run, **options) -> list[dict]:
    """Run commands A B C A B C ..., one uncounted round first; return a dict of measurements for each round."""
    rounds = [{name: measure(command, **options) for name, command in commands.items()} for _turn in range(counted + 1)]
    return rounds[1:]


def peak(command: list[str]) -> float:
    """Return the largest resident set of a command in MiB."""
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    # in a process of its own, since the figure is that of the largest child ever
    done = subprocess.run([PYTHON, "-c", measure, *command], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def median(values) -> float:
    return statistics.median(list(values))


def inside(job: str, *arguments: str) -> dict[str, float]:
    """Return the medians of figures that inside.py measures, a fresh process a round."""
    command = [PYTHON, str(HERE / "inside.py"), job, *arguments]
    outputs = [output(command) for _turn in range(ROUNDS + 1)]
    figures = [json.loads(line) for line in outputs[1:]]
    return {key: median(figure[key] for figure in figures) for key in figures[0]}


def listing() -> list[tuple]:
    """The bare core against bpftool, and the cost of a program in process."""
    commands = {"ours": [PYTHON, str(HERE / "list_programs.py")], "bpftool": ["bpftool", "prog", "show", "--json"]}
    with held(4000, 0):
        rounds = in_turn(commands)
        columns = inside("columns")
    ratio = median(one["ours"][0] / one["bpftool"][0] for one in rounds)
    in_c = median(one["bpftool"][1] for one in rounds) / 4000 * 1e6
    whole, part = columns["with_fdinfo"], columns["without_fdinfo"]
    return [
        ("4,000 programs listed, whole process / bpftool prog show --json", ratio, 2.5, "x"),
        ("a program with all columns, in process", whole, 30, "us"),
        ("a program without fdinfo, in process", part, 18, "us"),
        ("a program with all columns, in process / one of bpftool's", whole / in_c, None, "x"),
        ("a program without fdinfo, in process / one of bpftool's", part / in_c, None, "x"),
        ("finding, opening and closing a program, no more", columns["opened"], None, "us"),
        ("a program in bpftool, fdinfo and the start of bpftool in it", in_c, None, "us"),
    ]


def plays(folder: pathlib.Path, hosts: int) -> dict[str, list[str]]:
    """Write an inventory of local hosts and the plays into a folder; return the command of each play."""
    inventory = folder / "inventory"
    settings = f"ansible_connection=local ansible_python_interpreter={PYTHON}"
    inventory.write_text("".join(f"host{number} {settings}\n" for number in range(hosts)))
    commands = {}
    for name, text in PLAYS.items():
        play = folder / (name + ".yml")
        play.write_text(f"- {{hosts: all, gather_facts: false, tasks: {text}}}\n")
        commands[name] = [PYTHON, str(HERE / "play.py"), "-i", str(inventory), str(play)]
    return commands


def share(folder: pathlib.Path, hosts: int, more: int) -> float:
    """CPU of an audit of some hosts in parts of a no-op's, both above an empty play of the same round, in ``more``
    times as many rounds as other figures."""
    options = {"env": dict(os.environ, ANSIBLE_FORKS="2"), "cwd": folder}
    rounds = in_turn(plays(folder, hosts), more * ROUNDS, played, **options)
    return median((one["audit"] - one["empty"]) / (one["noop"] - one["empty"]) for one in rounds)


def load(folder: pathlib.Path) -> tuple[float, float]:
    """CPU milliseconds that objects and foreign descriptors add to an audit, and to a walk that reads only where
    descriptors lead; each round measures both on the host idle and loaded, in three times as many rounds as other
    figures."""
    audits = plays(folder, 1)["audit"]
    walks = [PYTHON, str(HERE / "inside.py"), "descriptors"]
    more = []
    for _turn in range(3 * ROUNDS + 1):
        idle = played(audits, cwd=folder), run(walks)[1]
        with held(200, 300, 20000):
            # each on descriptors that nobody looked at before: a first look costs the kernel twice as much
            loaded = [played(audits, cwd=folder)]
        with held(200, 300, 20000):
            loaded.append(run(walks)[1])
        more.append([(after - before) * 1e3 for after, before in zip(loaded, idle, strict=True)])
    return median(audit for audit, _walk in more[1:]), median(walk for _audit, walk in more[1:])


def audit() -> list[tuple]:
    """The audit as a task: its share above a no-op, and what objects and foreign descriptors add."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        others = inside("objects")["objects"]
        more, walk = load(folder)
        return [
            ("audit / no-op, CPU above an empty play, no objects, one host", share(folder, 1, 18), 1.3, "x"),
            ("the same on ten hosts, which share the packing of the module", share(folder, 10, 3), 1.3, "x"),
            ("programs, maps and links of others here, 0 for the rows above", others, None, ""),
            ("200 programs, 300 maps, 20,000 descriptors more, one host", more, 150, "ms"),
            ("a walk that reads where these descriptors lead, no more", walk, None, "ms"),
        ]


def start_up() -> list[tuple]:
    """What a module costs before it does anything, from the archive that Ansible sends to the target."""
    with tempfile.TemporaryDirectory() as folder:
        archive = str(pathlib.Path(folder) / "payload.zip")
        subprocess.run([PYTHON, str(HERE / "pack.py"), "bpf_audit", archive], check=True)
        imports = inside("imports", archive)
    return [
        ("import of what bpf_audit starts with / of ansible's basic.py", imports["started"], 1 / 3, "x"),
        ("the same for all of our code that travels with it", imports["all"], None, "x"),
        ("kallsyms: the symbols that are needed", inside("kallsyms")["kallsyms"], 80, "ms"),
    ]


def settings() -> list[tuple]:
    """All eight settings in one task that finds them as they should be."""
    with tempfile.TemporaryDirectory() as name:
        archive, folder = str(pathlib.Path(name) / "payload.zip"), str(pathlib.Path(name) / "payload")
        subprocess.run([PYTHON, str(HERE / "pack.py"), "bpf_sysctl", archive], check=True)
        subprocess.run([PYTHON, "-m", "zipfile", "-e", archive, folder], check=True)
        subprocess.run([PYTHON, "-m", "compileall", "-q", folder], check=True)
        compiled, packed = inside("sysctl", folder), inside("sysctl", archive)
    return [
        ("eight settings, CPU above the import of ansible's basic.py", compiled["ms"], 15, "ms"),
        ("the same, compiled from the archive / that import from it", packed["share"], None, "x"),
    ]


def disassembly() -> list[tuple]:
    """The listing of a long program with the names of helpers, against bpftool."""
    script = [PYTHON, str(HERE / "program_code.py")]
    holder = subprocess.Popen([*script, "hold", "100000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        number = holder.stdout.readline().strip()
        commands = {"ours": [*script, "show", number], "bpftool": ["bpftool", "prog", "dump", "xlated", "id", number]}
        rounds = in_turn(commands)
        taken = peak(commands["ours"]) - peak([PYTHON, "-c", ""])
    finally:
        holder.stdin.close()
        holder.wait()
    ratio = median(one["ours"][0] / one["bpftool"][0] for one in rounds)
    return [
        ("100,000 instructions shown, whole process / bpftool prog dump xlated", ratio, 1.5, "x"),
        ("the same, memory above the bare interpreter", taken, 40, "MiB"),
    ]


PARTS = {
    "listing": listing,
    "code": disassembly,
    "maps": lambda: maps.rows(in_turn),
    "writes": lambda: map_writes.rows(in_turn),
    "tasks": entry_tasks.rows,
    "start": start_up,
    "settings": settings,
    "audit": audit,
}


def main() -> int:
    """Print the table, or the parts of it that are named; the status says whether every figure kept its budget."""
    # bpftool is compiled too: the first round, which does not count, leaves our code compiled for the others
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # with this one an interpreter reads a module that is piped to it byte by byte
    os.environ.pop("PYTHONUNBUFFERED", None)
    rows = [row for part in sys.argv[1:] or PARTS for row in PARTS[part]()]
    print(f"median of {ROUNDS} rounds; load {os.getloadavg()[0]:.1f}")
    for name, value, budget, unit in rows:
        verdict = "told, no budget" if budget is None else f"<= {budget:6.2f}  {'ok' if value <= budget else 'OVER'}"
        print(f"{name:66} {value:8.2f} {unit:3} {verdict}")
    return any(budget is not None and value > budget for _name, value, budget, _unit in rows)


if __name__ == "__main__":
    sys.exit(main())
