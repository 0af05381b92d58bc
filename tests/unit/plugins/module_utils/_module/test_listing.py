# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._module.listing import run_listing
from ansible_collections.ebpf.fleet.plugins.module_utils._module.single import WrongPin
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module

TABLES = [
    {"id": 3, "type": "hash", "name": "ct_any4"},
    {"id": 4, "type": "array", "name": "ct_tcp4"},
]


class Reading:
    """A ``read`` that gives what it was told to, or raises it; a second answer is for the listing of everything."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, selector, include):
        self.asked.append((selector, include))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def listing(capsys):
    def run(read, **args):
        def main():
            run_listing(
                "maps", read, ("pinned", "pids"), ("id", "name", "pinned", "required"), {"tag": {"type": "str"}}
            )

        return run_module(main, capsys, **args)

    return run


def test_without_a_selector_everything(listing):
    reading = Reading(TABLES)
    result = listing(reading)
    assert (result["changed"], result["maps"], result["near_matches"]) == (False, TABLES, [])
    assert reading.asked[0][1] == []


def test_nothing_at_all_is_an_empty_list(listing):
    result = listing(Reading([]))
    assert (result["maps"], result["near_matches"]) == ([], [])


def test_a_selector_chooses(listing):
    assert listing(Reading(TABLES), name="ct_any4")["maps"] == TABLES[:1]


def test_columns_are_passed_on(listing):
    reading = Reading(TABLES)
    listing(reading, include=["pids"])
    assert reading.asked[0][1] == ["pids"]


@pytest.mark.parametrize("args", [{"include": ["fill"]}, {"type": "hash"}, {"id": "many"}])
def test_what_the_module_does_not_take(listing, args):
    reading = Reading(TABLES)
    assert listing(reading, **args)["failed"]
    assert reading.asked == []


def test_no_match_is_an_empty_list_with_suggestions(listing):
    result = listing(Reading([], TABLES), name="ct_any")
    assert result["maps"] == []
    assert result["near_matches"][0] == {"id": 3, "type": "hash", "name": "ct_any4"}


def test_required_fails_without_a_match(listing):
    result = listing(Reading([], TABLES), name="ct_any", required=True)
    assert result["msg"].startswith("no maps with name=ct_any; near: 3 (hash ct_any4)")
    assert result["near_matches"][0]["id"] == 3
    result = listing(Reading([], TABLES), name="zzzzzz", required=True)
    assert result["msg"] == "no maps with name=zzzzzz; nothing on this host comes close"
    assert listing(Reading([]), required=True)["failed"]
    assert listing(Reading(TABLES), required=True, name="ct_any4")["maps"]


def test_suggestions_of_objects_without_a_name(listing):
    links = [{"id": 9, "type": "xdp", "name": "", "tag": "abcd"}]
    assert "9 (xdp)" in listing(Reading([], links), tag="abce", required=True)["msg"]


@pytest.mark.parametrize("number", [errno.EPERM, errno.EINVAL, 524])
def test_a_kernel_error_is_translated(listing, number):
    result = listing(Reading(kernel_error("BPF_MAP_GET_NEXT_ID", number)))
    assert result["msg"].startswith("cannot read the maps of this host: BPF_MAP_GET_NEXT_ID: ")
    assert result["failure"]["call"] == "BPF_MAP_GET_NEXT_ID"
    assert result["failure"]["errno"] == number
    assert set(result["failure"]) == {"call", "errno", "name", "hint"}


def test_the_object_stands_in_the_sentence(listing):
    result = listing(Reading(kernel_error("BPF_OBJ_GET", errno.EACCES)), pinned="/sys/fs/bpf/a")
    assert result["msg"].startswith("cannot read maps (pinned=/sys/fs/bpf/a): BPF_OBJ_GET: ")


def test_a_wrong_pin_is_a_sentence(listing):
    assert listing(Reading(WrongPin("/a holds a map, not a prog")), pinned="/a")["msg"] == "/a holds a map, not a prog"


def test_who_may_not_list_gets_no_suggestions_and_no_error(listing):
    result = listing(Reading(TABLES, kernel_error("BPF_MAP_GET_NEXT_ID", errno.EPERM)), pinned="/a", name="other")
    assert (result["maps"], result["near_matches"]) == ([], [])


def test_check_mode_reads_as_well(listing):
    assert listing(Reading(TABLES), _ansible_check_mode=True)["maps"] == TABLES
