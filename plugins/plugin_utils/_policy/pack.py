# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import hashlib
import os
import re
from collections import namedtuple

import yaml

from .._errors import FleetError
from . import located
from .lint import check_rule

SEVERITIES = ("info", "low", "medium", "high", "critical")
BUILTIN = os.path.join(os.path.dirname(__file__), "rules", "ebpf_fleet.yml")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)*\Z")
_LIST = ("needs", "references")
_FIELDS = {
    "id": True,
    "title": True,
    "severity": True,
    "rationale": True,
    "remediation": True,
    "references": False,
    "applies_when": False,
    "needs": True,
    "query": True,
}

# ``query`` and ``applies_when`` are syntax trees (None: applies always), ``needs`` names of facts, ``nullable`` keys
# whose null is an answer, ``place`` "file:line".
Rule = namedtuple("Rule", "id title severity rationale remediation references applies_when needs nullable query place")


def load(paths, skip=(), builtin=True):
    """Rules of the packs, sorted by id. FleetError with one line "file:line: what" for each thing wrong in them."""
    rules, problems = [], []
    for path in ([BUILTIN] if builtin else []) + list(paths):
        found, wrong = _load_file(path)
        rules += found
        problems += wrong
    problems += _duplicates(rules)
    if problems:
        lines = [f"{problem.file}:{problem.line}: {problem.message}" for problem in problems]
        raise FleetError("\n".join([f"the audit rules have {_count(len(lines))}:", *lines]))
    unknown = sorted(set(skip) - {rule.id for rule in rules})
    if unknown:
        raise FleetError(f"skip_rules names {', '.join(unknown)}, and no loaded rule has this id")
    return sorted((rule for rule in rules if rule.id not in skip), key=lambda rule: rule.id)


def digest(rules):
    """Hash of what the rules judge by; records that carry another one were judged differently."""
    judged = [(rule.id, rule.needs, rule.nullable, rule.applies_when, rule.query) for rule in rules]
    return hashlib.sha256(repr(judged).encode("utf-8")).hexdigest()[:16]


def _count(number):
    return "1 problem" if number == 1 else f"{number} problems"


def _duplicates(rules):
    first: dict[str, str] = {}
    problems = []
    for rule in rules:
        if rule.id in first:
            path, _colon, line = rule.place.rpartition(":")
            problems.append(located.Problem(path, int(line), f"the rule id {rule.id} is taken: {first[rule.id]}"))
        first.setdefault(rule.id, rule.place)
    return problems


def _load_file(path):
    node, problems = located.read(path)
    if problems:
        return [], problems
    if node is None:
        return [], [located.Problem(path, 1, "the file is empty; a rule pack is a mapping with the key rules")]
    top, problems = located.section(node, path)
    if top is None:
        return [], problems
    unknown = [located.Problem(path, top.lines[key], f"unknown key {key}") for key in top.data if key != "rules"]
    problems += unknown
    if not isinstance(top.data.get("rules"), yaml.SequenceNode):
        return [], [*problems, located.Problem(path, top.lines.get("rules", top.line), "rules must be a list of rules")]
    rules = []
    for entry in top.data["rules"].value:
        rule, wrong = _load_rule(entry, path)
        rules += [rule] if rule else []
        problems += wrong
    return rules, problems


def _load_rule(node, path):
    here, problems = located.section(node, path)
    if here is None:
        return None, problems
    data = {}
    for key, child in here.data.items():
        message, data[key] = _field(key, child)
        problems += [located.Problem(path, here.lines[key], message)] if message else []
    missing = [key for key, required in _FIELDS.items() if required and key not in data]
    problems += [located.Problem(path, here.line, f"the rule has no {key}") for key in missing]
    if problems:
        return None, problems
    trees, complaints = check_rule(data)
    problems = [located.Problem(path, here.lines[key], message) for key, message in complaints]
    return (None, problems) if problems else (_rule(data, trees, f"{path}:{here.line}"), [])


def _field(key, node):
    """("" or what is wrong, value) of one field of a rule."""
    if key not in _FIELDS:
        return f"unknown field {key}; a rule has {', '.join(_FIELDS)}", None
    try:
        value = located.value(node)
    except yaml.YAMLError as error:
        return f"{key}: {getattr(error, 'problem', error)}", None
    if key in _LIST:
        good = isinstance(value, list) and all(isinstance(element, str) and element for element in value)
        return "" if good else f"{key} must be a list of strings", value
    if not isinstance(value, str) or not value.strip():
        return f"{key} must be text", value
    if key == "severity" and value not in SEVERITIES:
        return f"severity is {value}; it must be one of {', '.join(SEVERITIES)}", value
    if key == "id" and not _ID.match(value):
        return f"the id {value!r} may have letters, digits and single - _ . between them", value
    return "", value.strip()


def _rule(data, trees, place):
    return Rule(
        id=data["id"],
        title=data["title"],
        severity=data["severity"],
        rationale=data["rationale"],
        remediation=data["remediation"],
        references=tuple(data.get("references", ())),
        applies_when=trees.get("applies_when"),
        needs=tuple(need.rstrip("?") for need in data["needs"]),
        nullable=tuple(need[:-1].rpartition(".")[2] for need in data["needs"] if need.endswith("?")),
        query=trees["query"],
        place=place,
    )
