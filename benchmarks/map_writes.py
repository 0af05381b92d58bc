# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries that are written: the rows of the table that run.py prints. What it measures is in write_entries.py."""

from __future__ import annotations

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import maps
from write_entries import COUNT, DRIFT, pairs

HERE = pathlib.Path(__file__).resolve()
REPETITIONS = 30
BATCH = 4096


def _command(*words: str) -> list[str]:
    return [sys.executable, str(HERE.parent / "write_entries.py"), *words]


def _calls(*words: str) -> int:
    done = subprocess.run(_command(*words), capture_output=True, text=True, check=True)
    return int(done.stdout)


def _files(folder: pathlib.Path, number: str, shape: str) -> tuple[str, str]:
    """Write what bpftool takes and what the module takes into a folder."""
    batch, lines = folder / "batch", folder / "entries.jsonl"
    with batch.open("w") as commands, lines.open("w") as entries:
        for key, value in pairs(*maps.SHAPES[shape][:2]).items():
            commands.write(f"map update id {number} key hex {key.hex(' ')} value hex {value.hex(' ')}\n")
            entries.write(json.dumps({"key": key.hex(" "), "value": value.hex(" ")}, separators=(",", ":")) + "\n")
    return str(batch), str(lines)


def _contents(in_turn, shape: str) -> list[tuple]:
    with maps.held(COUNT, shape) as number, tempfile.TemporaryDirectory() as name:
        batch, lines = _files(pathlib.Path(name), number, shape)
        commands = {
            "bpftool": ["bpftool", "batch", "file", batch],
            "write": _command("write", number),
            "converge": _command("converge", number),
            "file": _command("file", number, lines),
            "spoil": _command("spoil", number),
            "drift": _command("drift", number),
        }
        rounds = in_turn(commands)
        ratio = {one: statistics.median(each[one][0] / each["bpftool"][0] for each in rounds) for one in commands}
        clean = _calls("converge", number) + _calls("file", number, lines)
        _calls("spoil", number)
        drifted = _calls("drift", number)
    what = f"100,000 entries of {shape} bytes"
    return [
        (f"{what} written / bpftool batch file", ratio["write"], 0.3, "x"),
        (f"{what} found as they should be / bpftool batch file", ratio["converge"], 0.5, "x"),
        ("the same, calls that write", clean, 0, ""),
        ("the same, entries out of a file of JSON Lines", ratio["file"], None, "x"),
        ("the same with 1 % to write", ratio["drift"], 0.5, "x"),
        ("the same, calls beyond one for 4,096 entries", drifted - -(-DRIFT // BATCH), 0, ""),
    ]


def _play(number: str, entries: pathlib.Path, lines: str) -> list[dict]:
    """Return a play of tasks that take turns."""
    forms = {"id": int(number), "key_format": "hex", "value_format": "hex"}
    entry = "ebpf.fleet.bpf_map_entry"
    tasks = [
        {"name": "noop", "ansible.builtin.ping": {}},
        {"name": "few", entry: dict(forms, entries="{{ entries }}")},
        {"name": "many", entry: dict(forms, src=lines)},
    ]
    read = f"{{{{ lookup('ansible.builtin.file', '{entries}') | from_json }}}}"
    return [{"hosts": "all", "gather_facts": False, "vars": {"entries": read}, "tasks": tasks * REPETITIONS}]


def _times(number: str, folder: pathlib.Path) -> dict[str, float]:
    """Return the median seconds of each task."""
    _batch, lines = _files(folder, number, "4/8")
    few, play, times = (folder / name for name in ("few.json", "play.json", "times"))
    few.write_text("[" + ",".join(pathlib.Path(lines).read_text().splitlines()[:1000]) + "]")
    play.write_text(json.dumps(_play(number, few, lines)))
    program = str(pathlib.Path(sys.executable).parent / "ansible-playbook")
    settings = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
    env = {"ANSIBLE_CALLBACK_PLUGINS": str(HERE.parent / "callbacks"), "ANSIBLE_CALLBACKS_ENABLED": "task_times"}
    done = subprocess.run(
        [program, *settings, str(play)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ, TASK_TIMES=str(times), **env),
    )
    if done.returncode:
        raise SystemExit(f"the play of tasks failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return {name: statistics.median(seconds) for name, seconds in json.loads(times.read_text()).items()}


def _in_a_play() -> list[tuple]:
    with maps.held(COUNT, "4/8") as number, tempfile.TemporaryDirectory() as name:
        times = _times(number, pathlib.Path(name))
    return [
        ("a task of 1,000 entries / a no-op, 30 in one play", times["few"] / times["noop"], 1.3, "x"),
        ("a task of 100,000 entries in a file / a no-op", times["many"] / times["noop"], 2, "x"),
    ]


def rows(in_turn) -> list[tuple]:
    """Return the rows about writing; ``in_turn`` is that of run.py."""
    return _contents(in_turn, "4/8") + _in_a_play()
