# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_failure import fail_content, fail_opening
from ansible_collections.ebpf.fleet.plugins.module_utils._module.one_map import NoSuchMap, open_id
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.map_walk import LostPlace
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types


class Ended(Exception):
    pass


class Module:
    def fail_json(self, **result):
        self.result = result
        raise Ended


@pytest.fixture
def told(kernel):
    def fail(error, kind=map_types.HASH):
        module = Module()
        with open_id(kernel.add_map(7, type=kind, name=b"table").id) as opened, pytest.raises(Ended):
            fail_content(module, opened, error)
        return module.result

    return fail


def test_a_reason_of_the_type(told):
    result = told(kernel_error("BPF_MAP_LOOKUP_ELEM", 524), map_types.PERF_EVENT_ARRAY)
    assert result["msg"].startswith("cannot read the entries of map 7 (perf_event_array table): its entries are perf")
    assert (result["failure"]["name"], result["failure"]["call"]) == ("ENOTSUPP", "BPF_MAP_LOOKUP_ELEM")


def test_an_error_that_has_nothing_to_do_with_the_type(told):
    result = told(kernel_error("BPF_MAP_LOOKUP_ELEM", 1), map_types.PERF_EVENT_ARRAY)
    assert "write-only" in result["msg"]
    assert "ENOTSUPP" in told(kernel_error("BPF_MAP_LOOKUP_ELEM", 524))["msg"]


def test_a_place_that_is_lost(told):
    assert "that key is not in the map any more" in told(LostPlace())["msg"]


def test_a_value_that_does_not_fit(told):
    assert told(ValueError("key: is wrong"))["msg"] == "map 7 (hash table): key: is wrong"


def test_a_map_that_was_not_opened(kernel):
    module = Module()
    with pytest.raises(Ended):
        fail_opening(module, NoSuchMap("there is none", [{"id": 1}]))
    assert module.result == {"msg": "there is none", "near_matches": [{"id": 1}]}
    with pytest.raises(Ended):
        fail_opening(module, kernel_error("BPF_OBJ_GET", 13))
    assert module.result["msg"].startswith("cannot open the map: BPF_OBJ_GET")
