# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import standard

HARDEN = "net.core.bpf_jit_harden"


def test_the_profiles() -> None:
    assert standard.profiles() == ["stig", "cis", "kspp", "observability"]


def test_a_standard_is_plain_and_numbers_of_templates_are_numbers() -> None:
    assert standard.standard() == standard.standard("", None) == {"profile": "none", "settings": {}}
    assert standard.standard("cis", {HARDEN: "1"}) == {"profile": "cis", "settings": {HARDEN: 1}}
    assert standard.standard("cis", {HARDEN: None})["settings"] == {HARDEN: None}


@pytest.mark.parametrize(
    ("profile", "own", "message"),
    [
        ("sitg", {}, "there is no profile sitg; there are stig, cis, kspp, observability, none"),
        (
            "stig",
            {"net.core.bpf_jit_hardne": 1},
            "settings names net.core.bpf_jit_hardne; the BPF settings are kernel.",
        ),
        ("stig", {HARDEN: "two"}, f"the value of {HARDEN} is 'two'; it must be an integer"),
        ("stig", {HARDEN: True}, f"the value of {HARDEN} is True; it must be an integer"),
        ("stig", {HARDEN: 1.5}, f"the value of {HARDEN} is 1.5; it must be an integer"),
    ],
)
def test_what_is_wrong_is_said(profile: str, own: dict, message: str) -> None:
    with pytest.raises(FleetError) as caught:
        standard.standard(profile, own)
    assert str(caught.value).startswith(message)


def test_opinions() -> None:
    assert standard.opinions(standard.standard())[HARDEN] == {"accepted": [2], "wanted": None, "recommended": 2}
    seen = standard.opinions(standard.standard("observability"))
    assert seen[HARDEN] == {"accepted": [0, 2], "wanted": [0], "recommended": 0}
    own = standard.opinions(standard.standard("observability", {HARDEN: 1}))
    assert own[HARDEN] == {"accepted": [1, 2], "wanted": [1], "recommended": 1}
    left = standard.opinions(standard.standard("observability", {HARDEN: None}))
    assert left[HARDEN] == {"accepted": [2], "wanted": None, "recommended": 2}


def test_no_opinion_about_what_nobody_wants() -> None:
    assert standard.opinions(standard.standard("stig"))["net.core.bpf_jit_limit"] == {"accepted": [], "wanted": None}


def test_the_choice_of_a_profile() -> None:
    assert standard.choice(standard.standard("kspp"), HARDEN)["value"] == 2
    assert standard.choice(standard.standard("kspp", {HARDEN: 0}), HARDEN) is None
    assert standard.choice(standard.standard(), HARDEN) is None
