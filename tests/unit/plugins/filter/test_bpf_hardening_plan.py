# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.ebpf.fleet.plugins.filter import bpf_hardening_plan as source
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.standard import NONE, profiles
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

bpf_hardening_plan = source.FilterModule().filters()["bpf_hardening_plan"]
SYSCTLS = planted.document()["sysctls"]


def test_options_reach_the_plan() -> None:
    assert bpf_hardening_plan(SYSCTLS) == {"settings": {}, "costs": [], "left_out": []}
    assert bpf_hardening_plan(SYSCTLS, "kspp", {"kernel.kptr_restrict": 1}, True)["settings"] == {
        "kernel.bpf_stats_enabled": 0,
        "kernel.kptr_restrict": 1,
        "kernel.perf_event_paranoid": 3,
        "kernel.unprivileged_bpf_disabled": 1,
        "net.core.bpf_jit_enable": 1,
        "net.core.bpf_jit_harden": 2,
    }


def test_a_no_from_the_command_line_is_a_no() -> None:
    name = "kernel.unprivileged_bpf_disabled"
    assert name not in bpf_hardening_plan(SYSCTLS, "stig", accept_latch="false")["settings"]
    assert name in bpf_hardening_plan(SYSCTLS, "stig", accept_latch="true")["settings"]
    with pytest.raises(AnsibleFilterError, match="perhaps"):
        bpf_hardening_plan(SYSCTLS, "stig", accept_latch="perhaps")


def test_what_is_wrong_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="there is no profile pci"):
        bpf_hardening_plan(SYSCTLS, "pci")


def test_the_documentation_names_the_profiles() -> None:
    text = pathlib.Path(source.__file__).with_suffix(".yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["DOCUMENTATION"]["options"]["profile"]["choices"] == [*profiles(), NONE]
