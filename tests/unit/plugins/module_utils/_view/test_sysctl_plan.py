# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl
from ansible_collections.ebpf.fleet.plugins.module_utils._view import sysctl_plan as plan

HARDEN = sysctl.JIT_HARDEN
LATCH = sysctl.UNPRIVILEGED
LIMIT = sysctl.JIT_LIMIT
ENABLE = sysctl.JIT_ENABLE


def options(present=True, runtime=True, persist=True, strict=False, accept_latch=False, force=False):
    return plan.Options(present, runtime, persist, strict, accept_latch, force)


def facts(running=None, filed=None, blocked=None, always_on=None, floor=None):
    return plan.Facts(running, filed, blocked, always_on, floor)


def decide(name, wanted, known, **chosen):
    return plan.decide(name, wanted, known, options(**chosen))


# ------------------------------------------------------------ the table

# setting, wanted, running, what our file says, options -> written, persisted, valid, reboot, refused by
TABLE = [
    # nothing special: running and persistent are two halves
    (HARDEN, 1, 0, None, {}, 1, "set", True, False, None),
    (HARDEN, 1, 1, None, {}, None, "set", True, False, None),
    (HARDEN, 1, 0, 1, {}, 1, None, True, False, None),
    (HARDEN, 1, 1, 1, {}, None, None, True, False, None),
    (HARDEN, 1, 0, 2, {}, 1, "set", True, False, None),
    (HARDEN, 1, None, None, {}, 1, "set", True, False, None),
    (HARDEN, 1, 0, None, {"persist": False}, 1, None, True, False, None),
    (HARDEN, 1, 0, None, {"runtime": False}, None, "set", True, False, None),
    (HARDEN, None, 1, 1, {"present": False}, None, "remove", None, False, None),
    (HARDEN, 0, 1, 1, {"present": False}, 0, "remove", True, False, None),
    (HARDEN, 0, 1, 1, {"present": False, "persist": False}, 0, None, True, False, None),
    (HARDEN, 0, 1, 1, {"present": False, "runtime": False}, None, "remove", True, False, None),
    (HARDEN, 3, 0, None, {}, 3, "set", True, False, "out of range: it goes from 0 to 2"),
    (HARDEN, -1, 0, None, {}, -1, "set", True, False, "out of range"),
    # the latch
    (LATCH, 2, 1, None, {}, None, "set", "unknown", True, None),
    (LATCH, 0, 1, None, {}, None, "set", True, True, None),
    (LATCH, 2, 1, 2, {}, None, None, "unknown", True, None),
    (LATCH, 2, 1, None, {"strict": True}, None, "set", "unknown", True, "locked at 1 until reboot"),
    (LATCH, 2, 1, 2, {"strict": True}, None, None, "unknown", True, "locked at 1 until reboot"),
    (LATCH, 2, 1, None, {"persist": False}, None, None, "unknown", False, "locked at 1 until reboot"),
    (LATCH, 0, 1, 0, {"present": False}, None, "remove", True, False, "locked at 1 until reboot"),
    (LATCH, None, 1, 2, {"present": False}, None, "remove", None, False, None),
    (LATCH, 2, 1, None, {"runtime": False, "strict": True}, None, "set", "unknown", True, None),
    (LATCH, 1, 1, None, {}, None, "set", True, False, None),
    (LATCH, 1, 1, 1, {}, None, None, True, False, None),
    (LATCH, 1, 2, None, {}, 1, "set", True, False, "cannot be taken back"),
    (LATCH, 1, 2, None, {"accept_latch": True}, 1, "set", True, False, None),
    (LATCH, 1, 2, None, {"runtime": False}, None, "set", True, False, "cannot be taken back"),
    (LATCH, 1, 2, 1, {"runtime": False}, None, None, True, False, None),
    (LATCH, 1, None, None, {}, 1, "set", True, False, "cannot be taken back"),
    (LATCH, 2, 0, None, {}, 2, "set", "unknown", False, None),
    (LATCH, 0, 2, None, {}, 0, "set", True, False, None),
    (LATCH, 2, 2, 2, {}, None, None, True, False, None),
    # what only the kernel can tell
    (sysctl.PARANOID, 2, 1, None, {}, 2, "set", True, False, None),
    (sysctl.PARANOID, 3, 2, None, {}, 3, "set", "unknown", False, None),
    (sysctl.PARANOID, 3, 3, None, {}, None, "set", True, False, None),
    (sysctl.PARANOID, 5, 2, None, {}, 5, "set", "unknown", False, "out of range: it goes from -1 to 4"),
    (LIMIT, 9, 8, None, {}, 9, "set", "unknown", False, None),
    (LIMIT, 9, 9, None, {}, None, "set", True, False, None),
    (LIMIT, 0, 9, None, {}, 0, "set", "unknown", False, "out of range"),
    (ENABLE, 0, 1, None, {}, 0, "set", "unknown", False, None),
    (ENABLE, 1, 0, None, {}, 1, "set", True, False, None),
]


@pytest.mark.parametrize("row", TABLE)
def test_the_decision_table(row):
    name, wanted, running, filed, chosen, write, persist, valid, reboot, refused = row
    decision = decide(name, wanted, facts(running, filed), **chosen)
    assert (decision.write, decision.persist, decision.valid, decision.reboot_required) == (
        write,
        persist,
        valid,
        reboot,
    )
    assert (decision.refuse is None) if refused is None else (refused in decision.refuse and name in decision.refuse)


BOTH = (False, True)


@pytest.mark.parametrize("running", [0, 1, 2, None])
@pytest.mark.parametrize("wanted", [0, 1, 2, None])
def test_every_combination_of_the_latch_keeps_its_promises(running, wanted):
    """What may be written, kept and promised, told without the decision's own words."""
    combinations = itertools.product([None, 0, 1, 2], BOTH, BOTH, BOTH, BOTH, BOTH)
    for filed, present, runtime, persist, strict, accept in combinations:
        if (wanted is None and present) or not (runtime or persist):
            continue  # refused before it comes to this
        chosen = options(present, runtime, persist, strict, accept)
        decision = plan.decide(LATCH, wanted, facts(running, filed), chosen)
        now = running if decision.write is None else decision.write
        kept = {plan.SET: wanted, plan.REMOVE: None, None: filed}[decision.persist]
        keeps = present and persist and wanted is not None
        # the kernel would refuse it
        assert not (running == 1 and decision.write is not None), chosen
        if decision.refuse:
            latches = wanted == 1 and running != 1 and not accept
            impossible = running == 1 and wanted in (0, 2) and runtime and (strict or not keeps)
            assert latches or impossible, chosen
            continue
        # nobody is latched who has not said so
        assert accept or running == 1 or (decision.write != 1 and kept in (filed, 0, 2, None)), chosen
        if runtime and wanted is not None:
            assert now == wanted or (running == 1 and keeps), chosen
        if persist:
            assert kept == (wanted if present else None), chosen
        assert decision.reboot_required is (keeps and running == 1 and wanted != 1), chosen
        # the same task again has nothing to do
        again = plan.decide(LATCH, wanted, facts(now, kept), chosen)
        assert (again.write, again.persist) in ((None, None), (None, plan.REMOVE)), chosen


@pytest.mark.parametrize(
    ("wanted", "always_on", "valid", "refused"),
    [(0, True, False, True), (2, True, False, True), (1, True, True, False), (0, False, True, False)],
)
def test_a_kernel_without_interpreter_takes_one_only(wanted, always_on, valid, refused):
    decision = decide(ENABLE, wanted, facts(running=5, always_on=always_on))
    assert decision.valid is valid
    assert ("CONFIG_BPF_JIT_ALWAYS_ON" in (decision.refuse or "")) is refused


def test_what_a_kernel_refuses_is_not_kept_for_its_next_boot_either():
    assert decide(ENABLE, 0, facts(running=1, always_on=True), runtime=False).refuse


def test_a_write_that_is_blocked_is_refused_and_keeping_it_is_not():
    error = kernel_error("write /proc/sys/x", errno.EROFS)
    decision = decide(HARDEN, 1, facts(running=0, blocked=error))
    assert decision.error is error and decision.refuse.startswith(f"cannot write {HARDEN}=1: write /proc/sys/x: ")
    assert decide(HARDEN, 1, facts(running=0, blocked=error), runtime=False).refuse is None
    assert decide(HARDEN, 0, facts(running=0, blocked=error)).refuse is None


# ------------------------------------------------------------ the limit of the JIT


@pytest.mark.parametrize(
    ("wanted", "used", "running", "refused"),
    [
        (25, 0, 100, False),
        (24, 0, 100, True),
        (40, 10, 100, False),
        (39, 10, 100, True),
        (99, 25, 100, True),
    ],
)
def test_the_limit_stays_above_what_is_in_use(wanted, used, running, refused):
    floor = plan.Floor(used, None, running // 4)
    sentence = decide(LIMIT, wanted, facts(running, floor=floor)).refuse
    assert bool(sentence) is refused
    if refused:
        assert str(max(4 * used, running // 4)) in sentence and "force" in sentence and "seccomp" in sentence


def test_a_limit_is_not_taken_where_the_use_is_unknown():
    sentence = decide(LIMIT, 50, facts(100, floor=plan.Floor(None, "EPERM", 25))).refuse
    assert "unknown (EPERM)" in sentence and "force" in sentence


@pytest.mark.parametrize(
    ("name", "wanted", "running", "force", "needed"),
    [
        (LIMIT, 50, 100, False, True),
        (LIMIT, 50, 100, True, False),
        (LIMIT, 50, None, False, True),
        (LIMIT, 100, 100, False, False),
        (LIMIT, 101, 100, False, False),
        (LIMIT, None, 100, False, False),
        (HARDEN, 0, 1, False, False),
    ],
)
def test_the_use_is_looked_at_only_for_a_lower_limit(name, wanted, running, force, needed):
    assert plan.needs_floor(name, wanted, running, options(force=force)) is needed


# ------------------------------------------------------------ the order


def names(writes):
    return [name for name, _value in plan.order(writes)]


def before(writes, one, other):
    ordered = names(writes)
    return ordered.index(one) < ordered.index(other)


def test_the_latch_is_last_whatever_it_is_set_to():
    for value in range(3):
        assert names({LATCH: value, **{name: 1 for name in sysctl.NAMES if name != LATCH}})[-1] == LATCH


def test_the_jit_is_limited_and_hardened_before_it_is_on():
    assert names({ENABLE: 1, HARDEN: 2, LIMIT: 5}) == [LIMIT, HARDEN, ENABLE]


def test_symbols_are_hidden_before_hardening_goes_and_shown_after_it_came():
    kallsyms = sysctl.JIT_KALLSYMS
    assert before({kallsyms: 0, HARDEN: 0}, kallsyms, HARDEN)
    assert before({kallsyms: 1, HARDEN: 1}, HARDEN, kallsyms)


def test_addresses_may_be_printed_while_the_jit_is_told_to():
    assert before({sysctl.KPTR: 1, ENABLE: 2}, sysctl.KPTR, ENABLE)
    assert before({sysctl.KPTR: 2, ENABLE: 2}, ENABLE, sysctl.KPTR)


@given(st.dictionaries(st.sampled_from(sysctl.NAMES), st.integers(0, 2)))
def test_every_write_is_in_the_order_once(writes):
    assert dict(plan.order(writes)) == writes
    for shuffled in itertools.islice(itertools.permutations(writes.items()), 6):
        assert plan.order(dict(shuffled)) == plan.order(writes)


# ------------------------------------------------------------ what is told


def record(name=HARDEN, **keys):
    return {"name": name, "running": 1, "effective": 1, "persistent": 1, "sources": [], **keys}


def test_nothing_is_told_of_what_is_as_it_was_meant():
    assert plan.notes([record()], {HARDEN: 1}) == []
    assert plan.notes([record(persistent=None)], {}) == []


def test_a_setting_without_effect_is_told():
    (note,) = plan.notes([record(sysctl.JIT_KALLSYMS, effective=0)], {})
    assert note == "net.core.bpf_jit_kallsyms=1 has no effect while net.core.bpf_jit_harden is not 0"


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        (
            {
                "persistent": 2,
                "sources": [
                    {"file": "/a", "value": 1, "active_systemd": False, "active_procps": True},
                    {"file": "/b", "value": 2, "active_systemd": False, "active_procps": False},
                    {"file": "/z", "value": 2, "active_systemd": True, "active_procps": False},
                ],
            },
            f"a boot sets {HARDEN} to 2, not to 1: /z decides",
        ),
        (
            {"persistent": None},
            f"a boot does not set {HARDEN} to 1: a line without a value takes it back, or the file is not read",
        ),
        (
            {"persistent": None, "unavailable": {"persistent": "EACCES"}},
            f"whether a boot sets {HARDEN} to 1 is unknown: what may decide cannot be read (EACCES)",
        ),
    ],
)
def test_what_a_boot_will_not_set_is_told(keys, note):
    assert plan.notes([record(**keys)], {HARDEN: 1}) == [note]
