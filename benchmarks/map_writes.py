# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries that are written: the rows of the table that run.py prints. What it measures is in write_entries.py."""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import maps
from write_entries import COUNT, DRIFT, pairs

HERE = pathlib.Path(__file__).resolve()
BATCH = 4096


def _command(*words: str) -> list[str]:
    return [sys.executable, str(HERE.parent / "write_entries.py"), *words]


def _calls(*words: str) -> int:
    done = subprocess.run(_command(*words), capture_output=True, text=True, check=True)
    return int(done.stdout)


def files(folder: pathlib.Path, number: str, shape: str) -> tuple[str, str]:
    """Write what bpftool takes and what the module takes into a folder."""
    batch, lines = folder / "batch", folder / "entries.jsonl"
    with batch.open("w") as commands, lines.open("w") as entries:
        for key, value in pairs(*maps.SHAPES[shape][:2]).items():
            commands.write(f"map update id {number} key hex {key.hex(' ')} value hex {value.hex(' ')}\n")
            entries.write(json.dumps({"key": key.hex(" "), "value": value.hex(" ")}, separators=(",", ":")) + "\n")
    return str(batch), str(lines)


def _contents(in_turn, shape: str) -> list[tuple]:
    with maps.held(COUNT, shape) as number, tempfile.TemporaryDirectory() as name:
        batch, lines = files(pathlib.Path(name), number, shape)
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


def rows(in_turn) -> list[tuple]:
    """Return the rows about writing; ``in_turn`` is that of run.py."""
    return _contents(in_turn, "4/8")
