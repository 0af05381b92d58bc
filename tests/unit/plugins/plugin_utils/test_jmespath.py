# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils import _jmespath as door
from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError


def test_a_tree_and_a_search() -> None:
    assert door.parse("a.b")["type"] == "subexpression"
    assert door.search("a[?b > `1`].b", {"a": [{"b": 1}, {"b": 2}]}) == [2]


def test_functions_have_signatures() -> None:
    known = door.signatures()
    assert [sorted(one["types"]) for one in known["sort_by"]] == [["array"], ["expref"]]
    assert known["merge"][-1]["variadic"] and len(known["contains"]) == 2


def test_a_broken_expression_is_a_jmespath_error() -> None:
    with pytest.raises(door.JMESPathError):
        door.parse("a[?")


def test_without_the_package_everything_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "HAS_JMESPATH", False)
    for call in (door.require, lambda: door.parse("a"), lambda: door.search("a", {}), door.signatures):
        with pytest.raises(FleetError, match=r"jmespath is missing on the controller; .*pip install jmespath"):
            call()


def test_the_rest_can_be_imported_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    base = "ansible_collections.ebpf.fleet.plugins.plugin_utils."
    for name in [name for name in sys.modules if name.startswith(("jmespath", base))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jmespath", None)
    from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack

    with pytest.raises(Exception, match="jmespath is missing on the controller") as caught:
        pack.load([])
    assert type(caught.value).__name__ == "FleetError"
