# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._btf import fromjson, raw
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.errors import BtfError
from ansible_collections.ebpf.fleet.plugins.module_utils._btf.reader import Spec
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf import captures
from ansible_collections.ebpf.fleet.tests.unit.plugins.module_utils._btf.builder import every_kind


@pytest.mark.parametrize("order", ["little", "big"])
def test_there_and_back(order):
    for text in (raw.text(every_kind(order).spec()), captures.captured(order + ".json").decode().strip()):
        spec = Spec(fromjson.blob(text, order))
        assert (spec.order, raw.text(spec)) == (order, text)


def test_ids_that_were_left_out_are_void():
    text = raw.text(every_kind().spec(), [1, 3])
    spec = Spec(fromjson.blob(text))
    assert raw.text(spec, [1, 3]) == text
    assert spec.resolve(2) == 0


def entry(**changes):
    return json.dumps({"types": [{"id": 1, "kind": "PTR", "name": "(anon)", "type_id": 0, **changes}]})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON of bpftool"),
        ("[]", "no JSON of bpftool"),
        ('{"types": [{}]}', "no JSON of bpftool"),
        ("[" * 100000, "no JSON of bpftool"),
        (entry(id=0), "ids that no type can have"),
        (entry(id=1 << 40), "ids that no type can have"),
        (entry(id="1"), "ids that no type can have"),
        (entry(kind="NOVEL"), "type 1 of the dump is incomplete or wrong"),
        (entry(type_id=-1), "type 1 of the dump is incomplete or wrong"),
        (entry(type_id=None), "type 1 of the dump is incomplete or wrong"),
        (entry(kind="STRUCT"), "type 1 of the dump is incomplete or wrong"),
        (entry(name=5), "type 1 of the dump is incomplete or wrong"),
        (entry(name=[]), "type 1 of the dump is incomplete or wrong"),
    ],
)
def test_what_is_no_dump(text, reason):
    with pytest.raises(BtfError, match=reason):
        fromjson.blob(text)
