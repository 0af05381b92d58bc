# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""Graphs in the language of graphviz -> pictures, by graphviz on the controller."""

from __future__ import annotations

import shutil
import subprocess

from .._errors import FleetError

PICTURES = ("svg", "png")
# Graphs of some ten thousand blocks take hours.
SECONDS = 300


def draw(graph: str, format: str, seconds: float = SECONDS) -> bytes:
    """Return the picture, in one of C(PICTURES). FleetError where graphviz is missing, fails, or needs too long."""
    program = shutil.which("dot")
    if program is None:
        raise FleetError(
            "graphviz is missing on the controller: there is no program dot; install the package graphviz where "
            "ansible-core runs, or take format: dot and draw it elsewhere"
        )
    try:
        done = subprocess.run(
            [program, f"-T{format}"],
            input=graph.encode("utf-8", "backslashreplace"),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FleetError(
            f"graphviz did not draw the graph within {seconds:g} seconds; take format: dot and draw a part of it"
        ) from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "backslashreplace").strip()
        raise FleetError(f"graphviz cannot draw the graph: {said or f'dot ended with {done.returncode}'}")
    return done.stdout
