# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .standard import opinions, standard
from .values import values

_JIT_LIMIT = "net.core.bpf_jit_limit"


def enrich(document, measure=None):
    """The document as rules see it: a shallow copy with the judged values beside the found ones, and C(derived).

    ``measure`` is a `standard`; without one the values that hold for every host are the judged ones.
    """
    wanted = values()
    enriched = dict(document)
    if document.get("sysctls") is not None:
        here = opinions(measure or standard())
        enriched["sysctls"] = [_with_values(record, here) for record in document["sysctls"]]
    memlock = document.get("memlock")
    if memlock and memlock.get("limits") is not None:
        limits = [{**record, "minimum": wanted["memlock"]["minimum"]} for record in memlock["limits"]]
        enriched["memlock"] = {**memlock, "limits": limits}
    enriched["derived"] = _jit(document, wanted["jit"]["warning"])
    return enriched


def _with_values(record, wanted):
    here = wanted.get(record["name"], {})
    why = (record.get("unavailable") or {}).get("running")
    return {
        **record,
        "supported": why != "unsupported",
        "accepted": here.get("accepted", []),
        "wanted": here.get("wanted"),
        # without an opinion no value is wrong
        "recommended": here.get("recommended", record.get("running")),
    }


def _jit(document, warning):
    used, why_used = _jit_bytes(document)
    limit, why_limit = _jit_limit(document)
    percent = None if used is None or not limit else used * 100 // limit
    reasons = {"jit_bytes": why_used, "jit_limit": why_limit, "jit_percent": why_used or why_limit}
    return {
        "jit_bytes": used,
        "jit_limit": limit,
        "jit_percent": percent,
        "jit_percent_warning": warning,
        "unavailable": {key: why for key, why in reasons.items() if why},
    }


def _jit_bytes(document):
    programs = document.get("programs")
    hidden = document.get("unavailable") or {}
    if programs is None or "programs.bytes_jited" in hidden:
        return None, hidden.get("programs") or hidden.get("programs.bytes_jited") or "the programs are not known"
    for record in programs:
        if record.get("bytes_jited") is None:
            return None, (record.get("unavailable") or {}).get("bytes_jited", "the host did not tell")
    return sum(record["bytes_jited"] for record in programs), None


def _jit_limit(document):
    for record in document.get("sysctls") or ():
        if record["name"] == _JIT_LIMIT:
            why = (record.get("unavailable") or {}).get("running", "the host did not tell")
            return record["running"], None if record["running"] else why
    return None, "the setting is not known"
