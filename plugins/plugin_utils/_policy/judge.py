# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

from .._errors import FleetError
from .._run.document import UNUSABLE, unusable
from .derive import enrich
from .logic import ERRORS, Unknown, evaluate

# A rule's answer for one host.
PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "pass", "fail", "unknown", "not_applicable"
_CANNOT = "the rule cannot be evaluated"


def judge(rules, document, measure=None):
    """Verdicts of all rules on one host's document: a list of dicts, in the order of the rules.

    ``measure`` is the `standard` that the settings have to fulfil. FleetError if the document has values that no host
    of ours sends.

    C(verdict) is pass, fail, unknown or not_applicable; C(objects) what offends; C(undecided) how many objects could
    not be judged; C(reasons) why: dicts of fact, reason, subjects (names, at most 5) and count.
    """
    try:
        enriched = enrich(document, measure)
    except UNUSABLE as error:
        raise FleetError(unusable(error)) from error
    return [_judge_one(rule, enriched) for rule in rules]


def _judge_one(rule, document):
    hidden = document.get("unavailable") or {}
    blind = {need.partition(".")[2]: hidden[need] for need in rule.needs if "." in need and need in hidden}
    try:
        applies, unsure = _applies(rule, document, blind)
        if not applies:
            return _verdict(rule, UNKNOWN if unsure else NOT_APPLICABLE, [], unsure)
        objects, unsure = evaluate(rule.query, document, rule.nullable, blind)
    except ERRORS as error:
        unsure = [(None, Unknown("query", f"{_CANNOT}: {error}".splitlines()[0]))]
        return _verdict(rule, UNKNOWN, [], unsure)
    unsure = unsure or _gaps(rule, hidden)
    return _verdict(rule, FAIL if objects else UNKNOWN if unsure else PASS, objects, unsure)


def was_not_evaluated(reason):
    """Whether a reason of unknown is that the rule is broken, or has met a value that it does not expect."""
    return reason.startswith(_CANNOT)


def _applies(rule, document, blind):
    if rule.applies_when is None:
        return True, []
    objects, unsure = evaluate(rule.applies_when, document, rule.nullable, blind)
    return bool(objects), unsure


def _gaps(rule, hidden):
    """What the host says it could not list completely: what is listed can fail a rule, but not pass it."""
    wanted = {need for name in rule.needs for need in (name, name.partition(".")[0])}
    return [(None, Unknown(name, hidden[name])) for name in sorted(wanted & set(hidden))]


def _verdict(rule, verdict, objects, unsure):
    return {
        "rule": rule.id,
        "verdict": verdict,
        "objects": [bare(found) for found in objects],
        "undecided": len(unsure),
        "reasons": _reasons(rule, unsure),
    }


def bare(value):
    """The value with null for what is Unknown in it; what a finding shows may be unknown although it is one."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, dict):
        return {key: bare(element) for key, element in value.items()}
    if isinstance(value, list):
        return [bare(element) for element in value]
    return value


def _reasons(rule, unsure):
    full = {need.rpartition(".")[2]: need for need in rule.needs}
    groups: dict[tuple[str, str], dict] = {}
    for _shown, unknown in unsure:
        fact = full.get(unknown.fact, unknown.fact)
        group = groups.setdefault(
            (fact, unknown.reason), {"fact": fact, "reason": unknown.reason, "subjects": [], "count": 0}
        )
        group["count"] += 1
        if unknown.subject is not None and len(group["subjects"]) < 5:
            group["subjects"].append(str(unknown.subject))
    return [groups[key] for key in sorted(groups)]
