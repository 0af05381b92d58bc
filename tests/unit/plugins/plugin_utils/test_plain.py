# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import enum
import json

import pytest
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.ebpf.fleet.plugins.plugin_utils.plain import plain


class Text(str):
    def __str__(self) -> str:
        return "not this"


class Whole(int):
    pass


class Names(list):
    pass


class Table(dict):
    pass


class Colour(enum.IntEnum):
    RED = 1


def exact(value: object) -> None:
    assert type(value) in (str, int, float, bool, type(None), list, dict)
    if isinstance(value, dict):
        for key, element in value.items():
            assert key.__class__ is str
            exact(element)
    elif isinstance(value, list):
        for element in value:
            exact(element)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (Text("a"), "a"),
        (Whole(7), 7),
        (Colour.RED, 1),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (Names([Text("x"), (1, 2)]), ["x", [1, 2]]),
        (Table({Text("k"): Table(a=Whole(1))}), {"k": {"a": 1}}),
        (b"a\xff", "a\\xff"),
        ({"b", "a"}, ["a", "b"]),
        (datetime.date(2026, 11, 22), "2026-11-22"),
    ],
)
def test_becomes_exactly_a_builtin(given: object, wanted: object) -> None:
    result = plain(given)
    assert result == wanted
    exact(result)


def test_what_ansible_marks_becomes_plain() -> None:
    marked = wrap_var({"name": "evil{{ 1 }}", "pids": [1, "a"]})
    exact(plain(marked))
    assert json.loads(json.dumps(plain(marked))) == {"name": "evil{{ 1 }}", "pids": [1, "a"]}


def test_a_thing_without_a_plain_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object has no plain form"):
        plain({"a": [object()]})
