# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import yaml

from ansible_collections.ebpf.fleet.plugins.module_utils._module.map_declare import SPEC
from ansible_collections.ebpf.fleet.plugins.module_utils._view.map import KEYS
from ansible_collections.ebpf.fleet.plugins.modules import bpf_map
from ansible_collections.ebpf.fleet.tests.unit.support.run_module import run_module


def compare(documented, spec):
    assert set(documented) == set(spec)
    for name, option in spec.items():
        for key in ("type", "default", "choices", "elements"):
            assert documented[name].get(key) == option.get(key)
        assert documented[name].get("required", False) == option.get("required", False)


def test_the_documentation_names_the_options():
    documented = yaml.safe_load(bpf_map.DOCUMENTATION)["options"]
    compare(documented, SPEC)
    compare(documented["inner_map"]["suboptions"], SPEC["inner_map"]["options"])


def test_the_result_is_that_of_the_info_module():
    assert set(yaml.safe_load(bpf_map.RETURN)["map"]["contains"]) == {*KEYS, "unavailable"}


def test_it_compares(bpffs, kernel, capsys):
    bpffs.add(b"/bpf/a", kernel.add_map(40))
    result = run_module(bpf_map.main, capsys, path=bpffs.text(b"/bpf/a"), max_entries=16)
    assert result["changed"] is False and result["map"]["id"] == 40
