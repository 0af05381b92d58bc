# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""hacking/profiles.py, and what people read about the profiles: the specification of the role and the guide."""

from __future__ import annotations

import copy
import importlib.util
import pathlib

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]

_spec = importlib.util.spec_from_file_location("hacking_profiles", ROOT / "hacking" / "profiles.py")
assert _spec is not None and _spec.loader is not None
profiles = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(profiles)

VALUES = profiles.read()
ROLE = ROOT / "roles" / "bpf_hardening"


def options(role: str) -> dict:
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["argument_specs"]["main"]["options"]


def test_the_specification_and_the_guide_are_what_the_values_say() -> None:
    assert profiles.main(["check"]) == 0


@pytest.mark.parametrize("part", ["costs", "controls"])
def test_another_value_would_be_noticed(part: str) -> None:
    other = copy.deepcopy(VALUES)
    entry = other["sysctls"]["net.core.bpf_jit_harden"]
    if part == "costs":
        entry["costs"][2] = "Something else."
    else:
        entry["profiles"]["stig"]["controls"].append("STIG X-1")
    for path, text in profiles.wanted(other).items():
        assert text != path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", VALUES["sysctls"])
def test_every_value_is_in_the_specification_with_its_control_ids_and_costs(name: str) -> None:
    told = " ".join(options("bpf_hardening")["bpf_hardening_settings"]["options"][name]["description"])
    entry = VALUES["sysctls"][name]
    for cost in entry["costs"].values():
        assert cost in told
    for hidden in entry["hides"].values():
        assert all(text in told for text in hidden)
    for profile, chosen in entry["profiles"].items():
        assert f"{profile}: {chosen['value']}" in told
        assert all(control in told for control in chosen["controls"])


def test_the_role_offers_the_profiles_that_there_are() -> None:
    assert options("bpf_hardening")["bpf_hardening_profile"]["choices"] == [*VALUES["profiles"], "none"]


@pytest.mark.parametrize("role", ["bpf_hardening", "bpf_memlock"])
def test_the_defaults_of_a_role_are_those_of_its_specification_and_the_readme_has_them(role: str) -> None:
    text = (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
    specified = {name: entry["default"] for name, entry in options(role).items() if "default" in entry}
    assert yaml.safe_load(text) == specified
    readme = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert [name for name in options(role) if f"`{name}`" not in readme] == []
