# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot of programs that are full of addresses has none of them."""

from __future__ import annotations

import re

import objects
import pytest
from modules import ModuleFailed, run_module
from test_identity import HARDEN, setting

from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot.collect import Collector
from ansible_collections.ebpf.fleet.plugins.plugin_utils._snapshot.files import build

# With or without 0x, in any text; in names and hashes it is part of a longer word.
ADDRESS = re.compile(r"(?<!\w)(?:0x)?ff[0-9a-f]{14}(?!\w)", re.IGNORECASE)
ERRORS = 0xFFFFFFFFFFFFF000


def execute(name: str, options: dict) -> dict:
    try:
        return run_module(name, {key: value for key, value in options.items() if value is not None})
    except ModuleFailed as error:
        return error.result


def addresses(texts: dict[str, str]) -> set[int]:
    found = (int(text, 16) for whole in texts.values() for text in ADDRESS.findall(whole))
    return {number for number in found if number < ERRORS}


@pytest.mark.parametrize("harden", ["0", "2"])
def test_no_address_leaves_the_host(bpffs, tmp_path, harden):
    built = objects.compile_object("maps.bpf.c", tmp_path)
    with setting(HARDEN, harden):
        objects.load_object(built, bpffs / "x")
    with objects.open_pin(bpffs / "x" / "prog" / "count_every_packet_that_arrives") as fd:
        record = Collector(execute, {"id": objects.object_id(fd)}, 5).collect()
    assert len(record["entries"]) > 5
    shown = [one["functions"] for one in record["jited"].values()]
    own = {int(part["address"], 16) for functions in shown for part in functions if part["address"]}
    whole, _missing = build("host", record, True, lambda graph, format: b"")
    assert addresses(whole) and own
    masked, _missing = build("host", record, False, lambda graph, format: b"")
    assert set(masked) == set(whole)
    assert addresses(masked) == set()
    for path, text in masked.items():
        assert not any(str(number) in text or f"{number:x}" in text for number in own), path
        # what blinding has split could be put together again
        assert not re.search(r"[rw]11 \^?= -?\d", text), path
