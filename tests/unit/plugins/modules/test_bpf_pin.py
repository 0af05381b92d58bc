# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import yaml

from ansible_collections.ebpf.fleet.plugins.module_utils._module.pin_change import SPEC
from ansible_collections.ebpf.fleet.plugins.modules import bpf_pin
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


def test_the_documentation_names_the_options():
    documented = yaml.safe_load(bpf_pin.DOCUMENTATION)["options"]
    assert set(documented) == set(SPEC)
    for name, option in SPEC.items():
        assert documented[name]["type"] == option["type"]
        assert documented[name].get("default") == option.get("default")
        assert documented[name].get("choices") == option.get("choices")


def test_it_pins(bpffs, kernel, capsys):
    kernel.add_map(40)
    result = run_module(bpf_pin.main, capsys, path=bpffs.text(b"/bpf/a"), kind="map", id=40)
    assert result["changed"] is True and bpffs.listing() == {b"/bpf/a": ("map", 40)}
    (contains,) = [yaml.safe_load(bpf_pin.RETURN)["pins"]["contains"]]
    assert set(result["pins"][0]) == set(contains) - {"unavailable"}
