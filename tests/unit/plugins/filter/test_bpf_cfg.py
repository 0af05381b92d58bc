# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import shutil

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter import bpf_cfg as module
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._insn.program import EXIT, MOVE, insn

bpf_cfg = module.FilterModule().filters()["bpf_cfg"]
# if r1 == 0 goto the second exit
CODE = insn(0x15, 1, off=1) + EXIT + MOVE + EXIT


def test_graph() -> None:
    text = bpf_cfg(CODE.hex(), title='a "title"')
    assert text.startswith('digraph "a \\"title\\"" {')
    for block in ("fn_0_insn_0", "fn_0_insn_1", "fn_0_insn_2"):
        assert f'    "{block}" [label="' in text
    assert '"fn_0_insn_0" -> "fn_0_insn_2" [color=blue];' in text


def test_opcodes_and_byte_order() -> None:
    big = insn(0x95, order="big")
    assert "95 00 00 00 00 00 00 00" in bpf_cfg(big.hex(), opcodes=True, byte_order="big")


def test_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "draw", lambda graph, form: f"{form}:{graph[:8]}".encode())
    assert bpf_cfg(CODE.hex(), "svg") == "svg:digraph "
    assert base64.b64decode(bpf_cfg(CODE.hex(), "png")) == b"png:digraph "


def test_a_graph_is_drawn_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "draw", lambda graph, form: graph.encode())
    assert bpf_cfg("digraph {}", "svg") == bpf_cfg("digraph {}") == "digraph {}"


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is missing")
def test_graphviz_draws_it() -> None:
    assert "<svg" in bpf_cfg(CODE.hex(), "svg")
    assert base64.b64decode(bpf_cfg(CODE.hex(), "png")).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("code", "options", "message"),
    [
        (CODE.hex(), {"format": "gif"}, "format is one of dot, svg, png, not 'gif'"),
        ("b700", {}, "2 bytes are no program"),
        (CODE.hex(), {"byte_order": "x"}, "byte_order is little or big"),
    ],
)
def test_what_is_wrong(code, options, message) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"^bpf_cfg: .*{message}"):
        bpf_cfg(code, **options)


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AnsibleFilterError, match="bpf_cfg: graphviz is missing on the controller"):
        bpf_cfg(CODE.hex(), "svg")
    assert bpf_cfg(CODE.hex()).startswith("digraph")
