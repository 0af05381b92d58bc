# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._module.ensure import NotKept, ensure, may_act


class Module:
    def __init__(self, check_mode=False, diff=False):
        self.check_mode = check_mode
        self._diff = diff


class Thing:
    """Something with a state; ``stubborn`` keeps the old one."""

    def __init__(self, state, stubborn=False):
        self.state, self.stubborn, self.calls = state, stubborn, []

    def run(self, module, wanted):
        def apply():
            self.calls.append("apply")
            self.state = self.state if self.stubborn else wanted

        def read():
            self.calls.append("read")
            return self.state

        return ensure(module, self.state, wanted, apply, read)


def test_a_change_is_applied_and_looked_at_again():
    thing = Thing({"a": 1})
    assert thing.run(Module(), {"a": 2}) == {"changed": True}
    assert thing.state == {"a": 2} and thing.calls == ["apply", "read"]


def test_nothing_to_do_is_nothing_done():
    thing = Thing({"a": 1})
    assert thing.run(Module(), {"a": 1}) == {"changed": False}
    assert thing.calls == []


def test_check_mode_calls_nothing():
    thing = Thing({"a": 1})
    assert thing.run(Module(check_mode=True), {"a": 2}) == {"changed": True}
    assert thing.calls == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_diff_is_the_two_states(check_mode):
    result = Thing({"a": 1}).run(Module(check_mode, diff=True), {"a": 2})
    assert result == {"changed": True, "diff": {"before": {"a": 1}, "after": {"a": 2}}}


def test_what_did_not_stay_is_an_error_that_names_it():
    with pytest.raises(NotKept) as caught:
        Thing({"a": 1, "b": 5}, stubborn=True).run(Module(), {"a": 2, "c": 3})
    assert str(caught.value) == "a is 1, not 2; c is None, not 3; b is 5, not None"


def test_states_that_are_no_tables_are_shown_whole():
    with pytest.raises(NotKept, match=r"it is \[1\], not \[2\]"):
        Thing([1], stubborn=True).run(Module(), [2])


def test_a_probe_acts_too():
    assert may_act(Module()) and not may_act(Module(check_mode=True))
