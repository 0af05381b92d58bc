# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What the role bpf_hardening sets on one host, and what users of BPF pay for it."""

from __future__ import annotations

from .._errors import FleetError
from .standard import choice
from .values import values

UNPRIVILEGED = "kernel.unprivileged_bpf_disabled"
HARDEN = "net.core.bpf_jit_harden"
KALLSYMS = "net.core.bpf_jit_kallsyms"
_LATCHED = 1  # of UNPRIVILEGED: the kernel refuses every other value until it is booted again


def plan(measure, records, accept_latch):
    """{"settings": {name: value}, "costs": [line], "left_out": [sentence]} of a `standard` on a host.

    ``records`` are the host's settings as bpf_sysctl_info lists them. A value that fulfils the profile stays, so that a
    host which is stricter than the profile's own value is not opened. ``costs`` tells of what changes only.
    """
    running = {record["name"]: record for record in records}
    settings, costs, left_out = {}, [], []
    for name in sorted(values()["sysctls"]):
        wanted, why_not = _decide(measure, name, running.get(name, {}), accept_latch)
        if why_not:
            left_out.append(f"{name} is left out: {why_not}")
        elif wanted is not None:
            settings[name] = wanted
            costs += _costs(measure, name, running.get(name, {}).get("running"), wanted)
    return {"settings": settings, "costs": costs + _clashes(settings, running), "left_out": left_out}


def _decide(measure, name, record, accept_latch):
    """(value, None), (None, why the setting is left out) or (None, None) where nobody wants anything."""
    chosen, own, now = choice(measure, name), measure["settings"].get(name), record.get("running")
    if own is None and chosen is None:
        return None, None
    if (record.get("unavailable") or {}).get("running") == "unsupported":
        return None, "this kernel does not have it"
    if own is not None:
        return _own(name, own, accept_latch), None
    value = now if now in chosen["accepted"] else chosen["value"]
    if name == UNPRIVILEGED and value == _LATCHED and not accept_latch:
        return _unlatched(measure["profile"], chosen, now)
    return value, None


def _own(name, value, accept_latch):
    if name == UNPRIVILEGED and value == _LATCHED and not accept_latch:
        raise FleetError(
            f"{name}=1 cannot be taken back until reboot: set bpf_hardening_accept_latch to true if that is meant, or "
            "the value to 2, which keeps unprivileged users out as well"
        )
    return value


def _unlatched(profile, chosen, now):
    """What to do about the latch where nobody opted in: a value of the profile that is none, else nothing."""
    if now == _LATCHED:
        return None, "it is 1 until reboot, and to keep 1 in a file bpf_hardening_accept_latch must be true"
    others = [value for value in chosen["accepted"] if value != _LATCHED]
    if others:
        return others[0], None
    return None, (
        f"the profile {profile} wants 1, which cannot be taken back until reboot. Set bpf_hardening_accept_latch to "
        f"true, or {UNPRIVILEGED} to 2 in bpf_hardening_settings, which keeps unprivileged users out as well"
    )


def _costs(measure, name, now, value):
    if now == value:
        return []
    entry, chosen = values()["sysctls"][name], choice(measure, name)
    who = "own value" if chosen is None else ", ".join(chosen["controls"]) or f"{measure['profile']}, no control id"
    lines = [f"{name}: {'unknown' if now is None else now} -> {value} ({who})"]
    cost = entry["costs"].get(value, entry["costs"].get("any"))
    lines += [f"  costs: {cost}"] if cost else []
    return lines + [f"  hides: {text}" for text in entry["hides"].get(value, ())]


def _clashes(settings, running):
    harden = settings.get(HARDEN, running.get(HARDEN, {}).get("running"))
    if settings.get(KALLSYMS) != 1 or not harden:
        return []
    return [f"{KALLSYMS}=1 has no effect: {HARDEN} is {harden}, which keeps all BPF programs out of /proc/kallsyms"]
