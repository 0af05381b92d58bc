# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl
from ansible_collections.ebpf.fleet.plugins.module_utils._view.sysctl_plan import RANGES
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.values import values

SETTINGS = values()["sysctls"]
REFERENCES = {reference for rule in pack.load([]) for reference in rule.references}


def test_the_settings_are_those_that_the_modules_know() -> None:
    assert sorted(SETTINGS) == sorted(sysctl.NAMES)


@pytest.mark.parametrize("name", SETTINGS)
def test_an_entry_is_complete_and_agrees_with_itself(name: str) -> None:
    entry = SETTINGS[name]
    assert set(entry) - {"recommended"} == {"accepted", "profiles", "elsewhere", "costs", "hides"}
    assert entry.get("recommended") in [*entry["accepted"][:1], *entry["accepted"], None]
    assert set(entry["profiles"]) <= set(values()["profiles"])
    assert set(entry["hides"]) <= set(entry["costs"])
    for profile, chosen in entry["profiles"].items():
        assert set(chosen) == {"value", "accepted", "controls"}
        assert chosen["value"] in chosen["accepted"], profile
        untold = set(chosen["accepted"]) - set(entry["costs"])
        assert not untold, f"{profile}: nobody says what {name}={untold} costs"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_value_that_may_be_set_has_its_cost(name: str) -> None:
    low, high = RANGES[name]
    told = SETTINGS[name]["costs"]
    assert "any" in told or set(told) == set(range(low, high + 1))


@pytest.mark.parametrize("profile", values()["profiles"])
def test_a_profile_speaks_of_everything_that_rules_judge(profile: str) -> None:
    silent = {name for name, entry in SETTINGS.items() if entry["accepted"] and profile not in entry["profiles"]}
    # switched off by net.core.bpf_jit_harden, and judged by what is in effect
    assert silent <= {"net.core.bpf_jit_kallsyms"}
    assert not silent or SETTINGS["net.core.bpf_jit_harden"]["profiles"][profile]["value"] > 0


def test_the_rules_name_every_control_id() -> None:
    ids = {one for entry in SETTINGS.values() for chosen in entry["profiles"].values() for one in chosen["controls"]}
    assert ids and ids - REFERENCES == set()
