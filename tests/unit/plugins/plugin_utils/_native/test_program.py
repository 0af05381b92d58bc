# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._native import disassemble
from ansible_collections.ebpf.fleet.plugins.plugin_utils._native.program import finish, listed


@pytest.fixture
def program() -> dict:
    functions = [{"name": "f", "proto": None, "address": "0x10", "offset": 0, "size": 1}]
    return {
        "id": 30, "raw": "c3", "machine": "x86_64", "functions": functions, "hints": [], "sources": [], "symbols": {},
    }  # fmt: skip


def test_a_listing_takes_the_place_of_bytes(program: dict) -> None:
    assert finish(program, "text", False) == ""
    assert sorted(program) == ["functions", "hints", "id", "machine", "text"]
    assert program["text"] == "f:\n   0:\tretq\n"


def test_records(program: dict) -> None:
    assert finish(program, "records", True) == ""
    assert program["records"][0]["opcodes"] == ["0xc3"] and "raw" not in program


def test_code_that_was_not_told(program: dict) -> None:
    program.update(raw=None, functions=None, unavailable={"raw": "EPERM", "functions": "EPERM"})
    assert finish(program, "text", False) == ""
    assert program["text"] is None and "raw" not in program
    assert program["unavailable"] == {"text": "EPERM", "functions": "EPERM"}


def test_without_capstone_the_bytes_stay(program: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    disassemble._engine.cache_clear()
    why = finish(program, "text", False)
    assert "pip install capstone" in why and program["hints"] == [f"{why}; until then the code is in raw"]
    assert (program["text"], program["raw"], program["unavailable"]) == (None, "c3", {"text": "not disassembled"})


def test_a_listing_that_has_to_be_made(program: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listed(dict(program), "text", False) == ""
    monkeypatch.setattr(disassemble, "HAS_CAPSTONE", False)
    disassemble._engine.cache_clear()
    why = listed(program, "text", True)
    assert program["text"] == "f:\n   0:\t.byte 0xc3\n\tc3\n" and "raw" not in program
    assert program["hints"] == [f"{why}; until then the listing has nothing but bytes"]
    assert program["unavailable"] == {}
