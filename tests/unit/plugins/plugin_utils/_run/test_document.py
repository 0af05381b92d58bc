# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
import zlib

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._run import document
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted


def packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


def answer(value: object) -> dict:
    return {"encoding": "json+zlib+base64", "document": packed(json.dumps(value).encode())}


def test_what_the_target_packs_is_unpacked() -> None:
    assert document.unpack(answer(planted.document())) == planted.document()


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({}, "encoding None"),
        ({"encoding": "pickle", "document": ""}, "encoding 'pickle'"),
        ({"encoding": document.ENCODING}, "cannot be read"),
        ({"encoding": document.ENCODING, "document": None}, "cannot be read"),
        ({"encoding": document.ENCODING, "document": "*"}, "cannot be read"),
        ({"encoding": document.ENCODING, "document": base64.b64encode(b"no zlib").decode()}, "cannot be read"),
        ({"encoding": document.ENCODING, "document": packed(b"{")}, "cannot be read"),
        ({"encoding": document.ENCODING, "document": packed(b"[" * 100000)}, "cannot be read"),
        (answer([]), "not of schema 1"),
        (answer({"schema": 2}), "not of schema 1"),
        (answer({"schema": 1, "programs": {}}), "something else than a list of records as programs"),
        (answer({"schema": 1, "pins": ["x"]}), "something else than a list of records as pins"),
        (answer({"schema": 1, "memlock": []}), "something else than a mapping as memlock"),
    ],
)
def test_an_answer_that_is_not_one(result: dict, text: str) -> None:
    with pytest.raises(FleetError, match=text):
        document.unpack(result)


def test_half_an_answer_is_refused() -> None:
    stream = zlib.compress(json.dumps(planted.document()).encode())
    half = base64.b64encode(stream[: len(stream) // 2]).decode()
    with pytest.raises(FleetError):
        document.unpack({"encoding": document.ENCODING, "document": half})


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_LARGEST", 1000)
    with pytest.raises(FleetError):
        document.unpack({"encoding": document.ENCODING, "document": packed(b'{"schema":1}' + b" " * 100000)})
