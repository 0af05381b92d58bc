# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
"""What a host is measured by: a profile, and own values of settings, which win. Rules and bpf_hardening ask here."""

from __future__ import annotations

from .._errors import FleetError
from .values import values

NONE = "none"


def profiles():
    """Names of the profiles, without `NONE`."""
    return list(values()["profiles"])


def standard(profile=NONE, settings=None):
    """A checked standard, plain data: {"profile": name, "settings": {setting: int, or None for "leave it alone"}}."""
    profile = profile or NONE
    if profile not in (NONE, *profiles()):
        raise FleetError(f"there is no profile {profile}; there are {', '.join([*profiles(), NONE])}")
    known, settings = values()["sysctls"], settings or {}
    unknown = sorted(str(name) for name in settings if name not in known)
    if unknown:
        raise FleetError(f"settings names {', '.join(unknown)}; the BPF settings are {', '.join(sorted(known))}")
    return {"profile": profile, "settings": {name: _number(name, value) for name, value in settings.items()}}


def opinions(wanted):
    """{setting: {"accepted", "recommended", "wanted"}} of a standard, as rules see them.

    C(accepted) are the values that are no weakness: to the common ones a standard adds what it wants. C(wanted) are the
    values that fulfil the standard, None where it says nothing. C(recommended) is missing where nobody has an opinion.
    """
    return {name: _opinion(wanted, name, entry) for name, entry in values()["sysctls"].items()}


def _opinion(wanted, name, entry):
    chosen, own = choice(wanted, name), wanted["settings"].get(name)
    fulfil = [own] if own is not None else chosen["accepted"] if chosen else None
    opinion = {"accepted": sorted({*entry["accepted"], *(fulfil or [])}), "wanted": fulfil}
    recommended = own if own is not None else chosen["value"] if chosen else entry.get("recommended")
    return opinion if recommended is None else {**opinion, "recommended": recommended}


def choice(wanted, name):
    """What the profile says of a setting: {"value", "accepted", "controls"}; None if nothing, or if own values win."""
    return None if name in wanted["settings"] else values()["sysctls"][name]["profiles"].get(wanted["profile"])


def _number(name, value):
    if value is None:
        return None
    try:
        if isinstance(value, (bool, float)):
            raise ValueError
        return int(value)
    except (TypeError, ValueError):
        raise FleetError(f"the value of {name} is {value!r}; it must be an integer") from None
