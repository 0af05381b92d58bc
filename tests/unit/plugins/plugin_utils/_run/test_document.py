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
        (answer({"schema": 1, "memlock": {"limits": [1]}}), "something else than a list of records as memlock.limits"),
        (answer({"schema": 1, "collected_at": "x"}), "something else than a number as collected_at"),
        (answer({"schema": 1, "collected_at": True}), "something else than a number as collected_at"),
        (answer({"schema": 1, "privileges": {"euid": [0]}}), "something else than a number as privileges.euid"),
        (answer({"schema": 1, "privileges": {"caps": [0]}}), "something else than a list of names as privileges.caps"),
        (
            answer({"schema": 1, "privileges": {"caps": "bpf"}}),
            "something else than a list of names as privileges.caps",
        ),
        (answer({"schema": 1, "unavailable": {"programs": 1}}), "something else than sentences as unavailable"),
        (answer({"schema": 1, "pins": [{}, {"unavailable": ["x"]}]}), "sentences as unavailable of pins"),
        (answer({"schema": 1, "maps": [{"unavailable": {"id": {}}}]}), "sentences as unavailable of maps"),
        (answer({"schema": 1, "memlock": {"limits": [{"unavailable": 1}]}}), "as unavailable of memlock.limits"),
        (answer({"schema": 1, "kernel": {"unavailable": "x"}}), "sentences as unavailable of kernel"),
        ({"encoding": document.ENCODING, "document": packed(b'{"schema":1,"x":NaN}')}, "cannot be read: NaN is no"),
        ({"encoding": document.ENCODING, "document": packed(b'{"schema":1,"x":1e999}')}, "cannot be read: 1e999 is no"),
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


def test_what_is_nested_too_deeply_is_refused() -> None:
    spoilt: dict = planted.document()
    spoilt["programs"][0]["pids"] = json.loads("[" * 900 + "]" * 900)
    with pytest.raises(FleetError, match="is nested more deeply than"):
        document.check(spoilt)
    spoilt["programs"][0]["pids"] = [[[[[{"a": {"b": {"c": [1.5]}}}]]]]]
    assert document.check(spoilt) is spoilt


def test_values_that_the_host_could_not_tell_are_no_wrong_ones() -> None:
    nothing = dict.fromkeys(planted.document())
    assert document.check({**nothing, "schema": 1}) == {**nothing, "schema": 1}
    assert document.check(planted.blind()) == planted.blind()
