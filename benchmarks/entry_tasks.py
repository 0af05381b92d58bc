# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that declare entries of a map, beside one that does nothing: rows of the table that run.py prints."""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import map_writes
import maps
from ansible.release import __version__
from write_entries import COUNT

HERE = pathlib.Path(__file__).resolve()
REPETITIONS = 30
FEW = 1000
# From 2.19 on the controller keeps more about each value: to take the entries and do nothing costs more than 1.3
# no-ops, so this is the yardstick there.
KEEPS_MORE = tuple(map(int, __version__.split(".")[:2])) >= (2, 19)


def _play(number: str, lines: str) -> list[dict]:
    """Return a play whose hosts come one after the other, so that its tasks take turns and are read once."""
    entries = [json.loads(line) for line in pathlib.Path(lines).read_text().splitlines()[:FEW]]
    forms = {"id": int(number), "key_format": "hex", "value_format": "hex"}
    entry = "ebpf.fleet.bpf_map_entry"
    tasks = [
        {"name": "noop", "ansible.builtin.ping": {}},
        {"name": "idle", "do_nothing": {"entries": entries}},
        {"name": "one", entry: dict(forms, **entries[0])},
        {"name": "few", entry: dict(forms, entries=entries)},
        {"name": "variable", entry: dict(forms, entries="{{ listed }}")},
        {"name": "typed", entry: {"id": int(number), "entries": [_typed(one) for one in range(FEW)]}},
        {"name": "many", entry: dict(forms, src=lines)},
    ]
    return [{"hosts": "all", "serial": 1, "gather_facts": False, "vars": {"listed": entries}, "tasks": tasks}]


def _typed(number: int) -> dict:
    """Return an entry of the map as its BTF has it."""
    return {"key": number, "value": {"packets": number * 7, "bytes": 0x03030303}}


def _times(number: str, folder: pathlib.Path) -> dict[str, float]:
    """Return the median seconds of each task."""
    _batch, lines = map_writes.files(folder, number, "4/8")
    play, times = folder / "play.json", folder / "times"
    play.write_text(json.dumps(_play(number, lines)))
    hosts = ",".join(f"host{one}" for one in range(REPETITIONS))
    program = str(pathlib.Path(sys.executable).parent / "ansible-playbook")
    settings = ["-i", hosts, "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
    env = {"ANSIBLE_CALLBACK_PLUGINS": str(HERE.parent / "callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "task_times"}
    env["ANSIBLE_LIBRARY"] = str(HERE.parent / "library")
    done = subprocess.run(
        [program, *settings, str(play)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ, TASK_TIMES=str(times), **env),
    )
    found = json.loads(times.read_text()) if times.exists() else {}
    # a task that changes something has found another map than it describes
    if done.returncode or "changed: [" in done.stdout or any(len(one) != REPETITIONS for one in found.values()):
        raise SystemExit(f"the play of tasks failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def rows() -> list[tuple]:
    """Return the rows about tasks."""
    with maps.held(COUNT, "4/8") as number, tempfile.TemporaryDirectory() as name:
        times = _times(number, pathlib.Path(name))
    share = {task: seconds / times["noop"] for task, seconds in times.items()}
    return [
        ("a task that does nothing, 30 in one play", times["noop"] * 1e3, None, "ms"),
        ("1,000 entries to a module that does nothing / a no-op", share["idle"], None, "x"),
        ("a task of one entry / a no-op", share["one"], None, "x"),
        ("a task of 1,000 entries / a no-op", share["few"], None if KEEPS_MORE else 1.6, "x"),
        (
            "the same / a module that does nothing with them",
            times["few"] / times["idle"],
            1.3 if KEEPS_MORE else None,
            "x",
        ),
        ("the same, entries out of a variable", share["variable"], None, "x"),
        ("the same, values with the names of their BTF", share["typed"], None, "x"),
        ("a task of 100,000 entries in a file / a no-op", share["many"], 2, "x"),
    ]
