# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.plan import HARDEN, KALLSYMS, UNPRIVILEGED, plan
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.standard import choice, profiles, standard
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

KPTR = "kernel.kptr_restrict"


def host(**settings: int) -> list[dict]:
    return planted.document(**settings)["sysctls"]


def weak() -> list[dict]:
    return host(
        kernel__unprivileged_bpf_disabled=0,
        kernel__kptr_restrict=0,
        kernel__perf_event_paranoid=1,
        net__core__bpf_jit_harden=0,
        net__core__bpf_jit_kallsyms=1,
    )


@pytest.mark.parametrize("profile", profiles())
def test_the_plan_is_what_the_profile_says_and_the_next_one_the_same(profile: str) -> None:
    measure = standard(profile)
    first = plan(measure, weak(), True)
    assert first["settings"] and first["costs"] and not first["left_out"]
    after = [{**record, "running": first["settings"].get(record["name"], record["running"])} for record in weak()]
    assert plan(measure, after, True) == {"settings": first["settings"], "costs": [], "left_out": []}


def test_nothing_is_wanted_nothing_is_done() -> None:
    assert plan(standard(), weak(), True) == {"settings": {}, "costs": [], "left_out": []}


def test_a_value_that_fulfils_the_profile_stays() -> None:
    assert plan(standard("stig"), host(kernel__kptr_restrict=2), True)["settings"][KPTR] == 2
    assert plan(standard("stig"), host(kernel__kptr_restrict=0), True)["settings"][KPTR] == 1
    assert plan(standard("observability"), host(kernel__kptr_restrict=0), True)["settings"][KPTR] == 0
    assert plan(standard("observability"), host(kernel__kptr_restrict=2), True)["settings"][KPTR] == 1


# From open to closed. A host is never moved to the left.
STRICTER = {
    KPTR: [0, 1, 2],
    "kernel.perf_event_paranoid": [-1, 0, 1, 2, 3, 4],
    UNPRIVILEGED: [0, 2, 1],
    HARDEN: [0, 1, 2],
}


@pytest.mark.parametrize("accept_latch", [True, False])
@pytest.mark.parametrize("name", sorted(STRICTER))
@pytest.mark.parametrize("profile", ["stig", "cis", "kspp"])
def test_no_benchmark_opens_a_host_that_is_stricter(profile: str, name: str, accept_latch: bool) -> None:
    for now in STRICTER[name]:
        found = plan(standard(profile), host(**{name.replace(".", "__"): now}), accept_latch)
        after = found["settings"].get(name, now)
        assert STRICTER[name].index(after) >= STRICTER[name].index(now)
        assert accept_latch is False or after in choice(standard(profile), name)["accepted"]


def test_the_latch_needs_somebody_who_wants_it() -> None:
    for now in (0, 2):
        found = plan(standard("stig"), host(kernel__unprivileged_bpf_disabled=now), False)
        assert UNPRIVILEGED not in found["settings"]
        [sentence] = found["left_out"]
        assert sentence.startswith(f"{UNPRIVILEGED} is left out: the profile stig wants 1, which cannot be taken back")
        assert "bpf_hardening_accept_latch" in sentence and "2 in bpf_hardening_settings" in sentence
    assert plan(standard("stig"), host(), True)["settings"][UNPRIVILEGED] == 1


def test_where_the_profile_takes_2_it_is_2_without_being_asked() -> None:
    found = plan(standard("observability"), host(kernel__unprivileged_bpf_disabled=0), False)
    assert found["settings"][UNPRIVILEGED] == 2 and not found["left_out"]


@pytest.mark.parametrize("profile", profiles())
def test_a_host_that_is_latched_stays_so_and_gets_no_weaker_file(profile: str) -> None:
    found = plan(standard(profile), host(kernel__unprivileged_bpf_disabled=1), False)
    assert UNPRIVILEGED not in found["settings"]
    assert found["left_out"][0].startswith(f"{UNPRIVILEGED} is left out: it is 1 until reboot")
    assert plan(standard(profile), host(kernel__unprivileged_bpf_disabled=1), True)["settings"][UNPRIVILEGED] == 1


def test_own_values_win() -> None:
    measure = standard("kspp", {HARDEN: 1, KPTR: None, UNPRIVILEGED: 2, "net.core.bpf_jit_limit": 1 << 29})
    found = plan(measure, weak(), False)
    assert found["settings"][HARDEN] == 1 and found["settings"][UNPRIVILEGED] == 2 and KPTR not in found["settings"]
    assert not found["left_out"]
    text = "\n".join(found["costs"])
    assert f"{HARDEN}: 0 -> 1 (own value)" in text
    assert "net.core.bpf_jit_limit: 528482304 -> 536870912 (own value)\n  costs: Beyond the limit" in text


def test_an_own_latch_is_refused_unless_it_is_meant() -> None:
    with pytest.raises(FleetError, match="unprivileged_bpf_disabled=1 cannot be taken back until reboot: set"):
        plan(standard("none", {UNPRIVILEGED: 1}), weak(), False)
    assert plan(standard("none", {UNPRIVILEGED: 1}), weak(), True)["settings"] == {UNPRIVILEGED: 1}


def test_what_a_kernel_lacks_is_left_out() -> None:
    records = weak()
    planted.setting({"sysctls": records}, HARDEN).update(running=None, unavailable={"running": "unsupported"})
    found = plan(standard("cis"), records, True)
    assert found["left_out"] == [f"{HARDEN} is left out: this kernel does not have it"]


def test_what_cannot_be_read_is_set_all_the_same() -> None:
    records = weak()
    planted.setting({"sysctls": records}, HARDEN).update(running=None, unavailable={"running": "EACCES"})
    found = plan(standard("cis"), records, True)
    assert found["settings"][HARDEN] == 2
    assert f"{HARDEN}: unknown -> 2 (CIS RHEL 8 STIG 1.5.8)" in found["costs"]


def test_the_costs_tell_who_wants_it_what_it_costs_and_what_it_hides() -> None:
    costs = plan(standard("kspp"), host(kernel__kptr_restrict=0), True)["costs"]
    start = costs.index(f"{KPTR}: 0 -> 2 (KSPP {KPTR})")
    assert costs[start + 1].startswith("  costs: Nobody sees kernel addresses, root neither")
    hidden = "\n".join(costs[start + 2 :])
    for what in ("links: addr", "targets of calls", "jited code", "blinded constants", "/proc/kallsyms"):
        assert what in hidden
    seen = plan(standard("observability"), host(), True)["costs"]
    assert f"{HARDEN}: 2 -> 0 (observability, no control id)" in seen


def test_symbols_that_hardening_switches_off_are_told() -> None:
    found = plan(standard("stig", {KALLSYMS: 1}), weak(), True)
    assert found["costs"][-1].startswith(f"{KALLSYMS}=1 has no effect: {HARDEN} is 2")
    assert not any("no effect" in line for line in plan(standard("observability"), weak(), True)["costs"])
    kept = plan(standard("none", {KALLSYMS: 1}), host(net__core__bpf_jit_harden=1), True)
    assert kept["costs"][-1].startswith(f"{KALLSYMS}=1 has no effect: {HARDEN} is 1")
