# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.draw import draw

GRAPH = 'digraph "caf\xe9" { "a" -> "b" [label="<&>"]; }'
needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is missing")


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    """Let a script be the program dot."""

    def install(script: str) -> None:
        path = tmp_path / "dot"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return install


@needs_graphviz
def test_pictures() -> None:
    assert b"<svg" in draw(GRAPH, "svg") and "caf\xe9".encode() in draw(GRAPH, "svg")
    assert draw(GRAPH, "png").startswith(b"\x89PNG\r\n\x1a\n")


@needs_graphviz
def test_a_broken_graph() -> None:
    with pytest.raises(FleetError, match=r"graphviz cannot draw the graph: .*syntax error"):
        draw("digraph {", "svg")


def test_what_the_program_is_given(pretend) -> None:
    pretend('echo "$@"; cat')
    assert draw(GRAPH, "png") == b"-Tpng\n" + GRAPH.encode()


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FleetError, match=r"graphviz is missing on the controller: .*install the package graphviz"):
        draw(GRAPH, "svg")


def test_a_graph_that_takes_too_long(pretend) -> None:
    pretend("exec sleep 60")
    with pytest.raises(FleetError, match=r"did not draw the graph within 0\.2 seconds; take format: dot"):
        draw(GRAPH, "svg", seconds=0.2)


def test_a_program_that_says_nothing(pretend) -> None:
    pretend("exit 3")
    with pytest.raises(FleetError, match="cannot draw the graph: dot ended with 3"):
        draw(GRAPH, "svg")
