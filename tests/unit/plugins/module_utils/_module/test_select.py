# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module.select import Selector, select

PROGRAMS = [
    {"id": 5, "type": "xdp", "name": "filter", "full_name": "filter", "tag": "aa11"},
    {"id": 6, "type": "sched_cls", "name": "cil_from_netde", "full_name": "cil_from_netdev_host", "tag": "bb22"},
    {"id": 7, "type": "xdp", "name": "filter", "full_name": "filter", "tag": "cc33"},
    {"id": 8, "type": None, "name": None, "full_name": None, "tag": None},
]


def ids(selection):
    return [record["id"] for record in selection["found"]]


def choose(**params):
    return select(Selector(params), PROGRAMS, lambda: PROGRAMS)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, [5, 6, 7, 8]),
        ({"id": None, "name": None, "type": None}, [5, 6, 7, 8]),
        ({"id": 6}, [6]),
        ({"type": "xdp"}, [5, 7]),
        ({"name": "filter"}, [5, 7]),
        ({"name": "cil_from_netde"}, [6]),
        ({"name": "cil_from_netdev_host"}, [6]),
        ({"tag": "cc33"}, [7]),
        ({"name": "filter", "tag": "cc33"}, [7]),
        ({"name": "filter", "type": "sched_cls"}, []),
        ({"id": 5, "name": "other"}, []),
        ({"name": "FILTER"}, []),
        ({"name": "filt"}, []),
        ({"name": ""}, []),
    ],
)
def test_all_options_have_to_agree(params, found):
    assert ids(choose(**params)) == found


@pytest.mark.parametrize(
    ("params", "exact"),
    [({}, False), ({"required": True}, False), ({"id": 0}, True), ({"name": "x"}, True), ({"pinned": "/p"}, True)],
)
def test_when_an_object_is_meant(params, exact):
    assert Selector(params).exact is exact


def test_near_matches_only_when_nothing_was_found():
    assert choose(name="filter")["near_matches"] == []
    near = choose(name="filtre")["near_matches"]
    assert [match["id"] for match in near] == [5, 7]
    assert near[0] == {"id": 5, "type": "xdp", "name": "filter", "tag": "aa11"}


def test_the_nearest_comes_first():
    near = choose(name="cil_from_netdev_hots", type="xdp")["near_matches"]
    assert near[0]["id"] in (5, 6, 7)
    near = choose(name="cil_from_netdev_hots")["near_matches"]
    assert near[0]["id"] == 6


def test_the_right_name_under_another_type_is_near():
    assert [match["id"] for match in choose(name="filter", type="kprobe")["near_matches"]] == [5, 7]


def test_what_has_nothing_in_common_is_not_near():
    assert choose(name="zzzzzzzz")["near_matches"] == []


def test_at_most_five_are_near():
    many = [{"id": number, "type": "xdp", "name": f"filter{number}"} for number in range(20)]
    assert len(select(Selector({"name": "filter"}), [], lambda: many)["near_matches"]) == 5


def test_nobody_is_asked_for_suggestions_without_need():
    def everything():
        raise AssertionError("asked")

    select(Selector({}), [], everything)
    select(Selector({"name": "filter"}), PROGRAMS, everything)


def test_records_without_name_or_tag_are_compared_too():
    links = [{"id": 4, "type": "xdp"}, {"id": 5, "type": "tcx"}]
    assert select(Selector({"type": "xpd"}), [], lambda: links)["near_matches"][0] == {"id": 4, "type": "xdp"}


def test_the_selection_in_words():
    assert Selector({"id": 5, "name": "x", "pinned": "/p", "tag": None}).describe() == "id=5, name=x, pinned=/p"
    assert Selector({}).describe() == ""


def test_required_is_no_selector():
    assert Selector({"required": True}).required
    assert not Selector({}).required
